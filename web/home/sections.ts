/** Whether a section lists unikernels, whose execution target is not the platform that they were built on. */
export function isUnikernelSection(section: string): boolean {
  return section.startsWith('Unikernels')
}

/** Unikernels first, what has no section last. */
function rank(section: string): number {
  if (isUnikernelSection(section)) return 0
  return section === 'Uncategorized' ? 2 : 1
}

/** Jobs under their sections' headings. Within a section they keep their order. */
export function groupBySection<Job extends { section: string }>(jobs: readonly Job[]): [string, Job[]][] {
  const sections = new Map<string, Job[]>()
  for (const job of jobs) {
    const section = sections.get(job.section)
    if (section) section.push(job)
    else sections.set(job.section, [job])
  }
  return [...sections].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, 'en'))
}
