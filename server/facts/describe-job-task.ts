import type { NewTask } from '../runner/enqueue.ts'

/** Kind of the tasks; their key is the name of the job. */
export const describeJobKind = 'DESCRIBE_JOB'

/** Describes a job whose `pendingSwitchSha256` was set. A switch that is read meanwhile is read again afterwards. */
export const taskOfJob = (job: string): NewTask => ({
  ...{ kind: describeJobKind, key: job, ifKnown: 'runAgain' },
})
