type Contents = {
  componentCount: number
  unidentifiedCount: number
  openIssueCount: number
  hasAdvisories: boolean
}

/** What is known of the packages in a build. It is never said that there is no issue where packages are unidentified. */
export function issueWords(contents: Contents): { issues: string; rest: string } {
  const { componentCount, unidentifiedCount, openIssueCount, hasAdvisories } = contents
  if (!hasAdvisories) return { issues: `${componentCount} packages in it`, rest: '' }
  const known = componentCount - unidentifiedCount
  const packages = `${known} of ${componentCount} packages`
  const issues =
    openIssueCount === 0
      ? `No known issue in ${unidentifiedCount === 0 ? `${componentCount} packages` : packages}`
      : openIssueCount === 1
        ? '1 known issue'
        : `${openIssueCount} known issues`
  const rest = unidentifiedCount === 0 ? '' : `; ${unidentifiedCount} unidentified`
  return { issues, rest }
}
