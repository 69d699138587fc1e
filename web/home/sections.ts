/** Heading of the jobs whose builds name no section. */
export const noSection = 'Uncategorized'

/** Whether a section lists unikernels, whose execution target is not the platform that they were built on. */
export function isUnikernelSection(section: string): boolean {
  return section.startsWith('Unikernels')
}

/** Unikernels first, what has no section last. */
function rank(section: string): number {
  if (isUnikernelSection(section)) return 0
  return section === noSection ? 2 : 1
}

/** Jobs under their sections' headings. Within a section they keep their order. */
export function groupBySection<Job extends { section?: string | null }>(
  jobs: readonly Job[],
): [string, Job[]][] {
  const sections = new Map<string, Job[]>()
  for (const job of jobs) {
    const heading = job.section ?? noSection
    const section = sections.get(heading)
    if (section) section.push(job)
    else sections.set(heading, [job])
  }
  return [...sections].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, 'en'))
}
