import type { Version } from '../scheduling/list-versions.ts'
import type { PrintedVersion } from './print-scheduling.ts'

/** Versions of schedules or templates with their texts. */
export const withTexts = (versions: readonly Version[]): Promise<PrintedVersion[]> =>
  Promise.all(
    versions.map(async ({ version, at, actor, readText }) => ({
      version,
      at,
      actor,
      text: await readText(),
    })),
  )
