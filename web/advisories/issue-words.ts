type Contents = {
  componentCount: number
  unidentifiedCount: number
  openIssueCount: number
  settledIssueCount: number
  hasAdvisories: boolean
}

/** `1 known issue`, `2 known issues`. */
const issues = (count: number) => `${count} known ${count === 1 ? 'issue' : 'issues'}`

/** `dismissed by the operator`, `1 of them dismissed by the operator`; null: none is. */
export function dismissedWords({
  openIssueCount,
  settledIssueCount,
}: Pick<Contents, 'openIssueCount' | 'settledIssueCount'>): string | null {
  if (settledIssueCount === 0) return null
  if (openIssueCount > 0) return `${settledIssueCount} of them dismissed by the operator`
  return `${settledIssueCount > 1 ? 'all ' : ''}dismissed by the operator`
}

/** What is known of the packages in a build. It is never said that there is no issue where packages are unidentified. */
export function issueWords(contents: Contents): { issues: string; rest: string } {
  const { componentCount, unidentifiedCount, openIssueCount, settledIssueCount, hasAdvisories } = contents
  if (!hasAdvisories) return { issues: `${componentCount} packages in it`, rest: '' }
  const known = componentCount - unidentifiedCount
  const packages =
    unidentifiedCount === 0 ? `${componentCount} packages` : `${known} of ${componentCount} packages`
  const count = openIssueCount + settledIssueCount
  const dismissed = dismissedWords(contents)
  const words =
    count === 0
      ? `No known issue in ${packages}`
      : `${issues(count)}${dismissed === null ? '' : `, ${dismissed}`}`
  const rest = unidentifiedCount === 0 ? '' : `; ${unidentifiedCount} unidentified`
  return { issues: words, rest }
}
