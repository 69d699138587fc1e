import type { TestApp } from '../../app.ts'

/**
 * Run all analyses of an app's builds, then end its engine: that looks for more from time to time, with
 * statements that a test would count.
 */
export async function analyseAll({ deps }: TestApp): Promise<void> {
  await deps.runner.start()
  await deps.runner.settled()
  await deps.runner.close()
}
