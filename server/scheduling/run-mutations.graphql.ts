import { resultOf } from '../admin/refusals.graphql.ts'
import { builder } from '../graphql/builder.ts'
import { UnknownBuildError } from '../retention/pins.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import {
  ExecuteError,
  NotRebuildableError,
  PlatformDroppedError,
  RunNotFoundError,
  RunStateError,
} from './errors.ts'
import { rebuildBuild } from './rebuild-build.ts'
import { runJob } from './run-job.ts'
import { cancelRun, retryRun } from './runs.ts'
import { schedulingAct } from './scheduling-act.ts'

builder.mutationFields((t) => {
  const reason = () => t.arg.string({ description: 'Why, for the page of the run and the audit log.' })
  const run = () =>
    t.arg({ type: 'UUID', required: true, description: 'UUID of the run, or of one of its tries.' })
  return {
    runJob: t.field({
      type: ['UUID'],
      nullable: true,
      description:
        'Queue a job now, in front of all others. One that waits already moves to the front. The next time of its schedule stays.',
      args: {
        job: t.arg.string({ required: true, description: 'Name of the job, which has a schedule.' }),
        platforms: t.arg.stringList({
          description: 'Names of platforms. Absent: all that the job is built on.',
        }),
        reason: reason(),
      },
      errors: {
        types: [NotAuthorizedError, ExecuteError],
        ...resultOf('RunJob', 'The runs wait.', 'runs', 'UUIDs of the runs. None: no platform has a queue.'),
      },
      resolve: async (_root, { job, platforms, reason }, context) =>
        runJob(context, await schedulingAct(context), {
          ...{ job, platforms: platforms ?? null, reason: wordsOf(reason) },
        }),
    }),
    cancelRun: t.field({
      type: 'UUID',
      nullable: true,
      description: 'End a run, whether it waits or is under way. Its worker is told to stop.',
      args: { run: run(), reason: reason() },
      errors: {
        types: [NotAuthorizedError, RunNotFoundError, RunStateError],
        ...resultOf('CancelRun', 'The run is cancelled.', 'run', 'The UUID that was sent.'),
      },
      resolve: async (_root, { run, reason }, context) => {
        await cancelRun(context, await schedulingAct(context), { uuid: run, reason: wordsOf(reason) })
        return run
      },
    }),
    retryRun: t.field({
      type: 'UUID',
      nullable: true,
      description: 'Queue once more what a run that has ended built, as it was defined then.',
      args: { run: run(), reason: reason() },
      errors: {
        types: [NotAuthorizedError, RunNotFoundError, RunStateError, PlatformDroppedError],
        ...resultOf('RetryRun', 'A new run waits.', 'run', 'UUID of the new run.'),
      },
      resolve: async (_root, { run, reason }, context) =>
        retryRun(context, await schedulingAct(context), { uuid: run, reason: wordsOf(reason) }),
    }),
    rebuildBuild: t.field({
      type: 'UUID',
      nullable: true,
      description:
        'Build a build again from the inputs that it recorded, to see whether the output is the same.',
      args: {
        build: t.arg({ type: 'UUID', required: true, description: 'UUID of the build.' }),
        platform: t.arg.string({ description: 'Name of a platform. Absent: that of the build.' }),
        reason: reason(),
      },
      errors: {
        types: [NotAuthorizedError, UnknownBuildError, NotRebuildableError, ExecuteError],
        ...resultOf('RebuildBuild', 'The run waits.', 'run', 'UUID of the run.'),
      },
      resolve: async (_root, { build, platform, reason }, context) =>
        rebuildBuild(context, await schedulingAct(context), {
          ...{ uuid: build, platform: platform ?? null, reason: wordsOf(reason) },
        }),
    }),
  }
})

/** Empty: no reason was given. */
const wordsOf = (reason: string | null | undefined) => reason?.trim() || null
