/** Heading of the jobs whose builds name no section. */
export const noSection = 'Uncategorized'

/** Whether a section lists unikernels, whose execution target is not the platform that they were built on. */
export function isUnikernelSection(section: string): boolean {
  return section.startsWith('Unikernels')
}

/** Unikernels first, what has no section last. */
export function rankOfSection(section: string): number {
  if (isUnikernelSection(section)) return 0
  return section === noSection ? 2 : 1
}
