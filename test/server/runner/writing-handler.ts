import type { TaskHandler } from '../../../server/runner/handler.ts'

/** Completes each task with a row that can exist once only: a job with the key as its name. */
export const writingHandler: TaskHandler = {
  ...{ kind: 'A', version: 1, slots: { max: 4 }, yieldsToUploads: false, maxAttempts: 3, retryPauseMs: 0 },
  run: () => Promise.resolve(),
  changes: () => [],
  async complete(tx, { key }) {
    await tx.job.create({ data: { name: key } })
  },
}
