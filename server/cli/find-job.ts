import type { Database } from '../database/connections.ts'
import { DomainError } from '../errors.ts'
import type { JobId } from '../ids.ts'

/** A command names a job that the site does not have. */
export class NoSuchJobError extends DomainError {
  override readonly name = 'NoSuchJobError'
}

/** The id of the job that a command names. Throws NoSuchJobError. */
export async function findJob({ db }: Pick<Database, 'db'>, name: string): Promise<JobId> {
  const job = await db.job.findUnique({ where: { name }, select: { id: true } })
  if (!job) throw new NoSuchJobError(`there is no job ${name}`)
  return job.id
}
