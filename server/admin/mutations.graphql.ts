import { AnalysisKind } from '../analyses/analysis.graphql.ts'
import { requestForAll } from '../analyses/request-analyses.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder, type Context } from '../graphql/builder.ts'
import type { QueuedTaskId } from '../ids.ts'
import { BadSectionError, updateJob } from '../jobs/update-job.ts'
import { applyRetentionNow } from '../retention/apply-now.ts'
import { BuildPinnedError, pinBuild, unpinBuild, UnknownBuildError } from '../retention/pins.ts'
import { UnknownPlaceError } from '../retention/places.ts'
import { removeBuilds, removedBuilds } from '../retention/remove-builds.ts'
import { checkNonePinned, findJobRemoval, removeJob } from '../retention/remove-job.ts'
import { RetentionPolicyError } from '../retention/retention-policy.ts'
import { retryTask, TaskNotEndedError, TaskNotFoundError } from '../runner/retry-task.ts'
import { SignInAgainError } from '../sessions/require-fresh-session.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { administrator, checkConfirmation, freshAdministrator, NotConfirmedError } from './act.ts'
import { resultOf } from './refusals.graphql.ts'

builder.mutationFields((t) => ({
  retryTask: t.id({
    nullable: true,
    description: 'Run a task again that has ended.',
    args: { id: t.arg.id({ required: true, description: 'Number of the task.' }) },
    errors: {
      types: [NotAuthorizedError, TaskNotFoundError, TaskNotEndedError],
      ...resultOf('RetryTask', 'The task waits to run again.', 'id', 'Number of the task.'),
    },
    resolve: async (_root, { id }, context) => {
      if (!/^\d{1,9}$/.test(id))
        throw badInput(`not the number of a task: ${JSON.stringify(id.slice(0, 100))}`)
      await retryTask(context.writer, await administrator(context), Number(id) as QueuedTaskId)
      return id
    },
  }),
  retryFailedAnalyses: t.int({
    nullable: true,
    description: 'Run all analyses again that failed, and look through all builds for missing ones.',
    args: { kind: t.arg({ type: AnalysisKind, description: 'Only analyses of this kind.' }) },
    errors: {
      types: [NotAuthorizedError],
      ...resultOf(
        'RetryFailedAnalyses',
        'The analyses wait to run again.',
        'count',
        'Number of these analyses.',
      ),
    },
    resolve: async (_root, { kind }, context) => {
      const { kinds } = context.analyses
      const asked = kind ? { [kind]: kinds[kind] } : kinds
      return requestForAll(context.writer, await administrator(context), asked, 'failed')
    },
  }),
  applyRetention: t.boolean({
    nullable: true,
    description:
      'Apply the policy of retention now, in the background: `admin { retention { forecast } }` says what that removes.',
    errors: {
      types: [NotAuthorizedError, SignInAgainError, RetentionPolicyError],
      ...resultOf(
        'ApplyRetention',
        'The policy is applied soon.',
        'isQueued',
        'True: the policy waits to be applied.',
      ),
    },
    resolve: async (_root, _args, context) => {
      await applyRetentionNow(context.writer, await freshAdministrator(context), context.config)
      return true
    },
  }),
  pinBuild: t.field({
    type: 'UUID',
    nullable: true,
    description: 'Keep a build: retention does not remove it until it is unpinned.',
    args: {
      uuid: t.arg({ type: 'UUID', required: true, description: 'UUID of the build.' }),
      reason: t.arg.string({ required: true, description: 'Why, for its page; may be empty.' }),
    },
    errors: {
      types: [NotAuthorizedError, UnknownBuildError],
      ...resultOf('PinBuild', 'The build is pinned.', 'uuid', 'UUID of the build.'),
    },
    resolve: async (_root, { uuid, reason }, context) => {
      await pinBuild(context.writer, await administrator(context), uuid, reason)
      return uuid
    },
  }),
  unpinBuild: t.field({
    type: 'UUID',
    nullable: true,
    description: 'No longer keep a pinned build.',
    args: { uuid: t.arg({ type: 'UUID', required: true, description: 'UUID of the build.' }) },
    errors: {
      types: [NotAuthorizedError, UnknownBuildError],
      ...resultOf('UnpinBuild', 'The build is not pinned.', 'uuid', 'UUID of the build.'),
    },
    resolve: async (_root, { uuid }, context) => {
      await unpinBuild(context.writer, await administrator(context), uuid)
      return uuid
    },
  }),
  removeBuild: t.field({
    type: 'UUID',
    nullable: true,
    description:
      'Remove a build, for good. Its addresses and hashes lead to a page that says so; its content is deleted within two days.',
    args: {
      uuid: t.arg({ type: 'UUID', required: true, description: 'UUID of the build.' }),
      reason: t.arg.string({ required: true, description: 'Why, for the page of the removed build.' }),
    },
    errors: {
      types: [NotAuthorizedError, SignInAgainError, UnknownBuildError, BuildPinnedError],
      ...resultOf('RemoveBuild', 'The build is removed.', 'uuid', 'UUID of the build.'),
    },
    resolve: async (_root, { uuid, reason }, context) => {
      await removeOneBuild(context, uuid, reason.trim() || 'removed by an administrator')
      return uuid
    },
  }),
  updateJob: t.string({
    nullable: true,
    description: 'Say where lists show a job, whatever its builds say.',
    args: {
      name: t.arg.string({ required: true, description: 'Name of the job.' }),
      section: t.arg.string({
        description:
          'Heading under which it is listed; empty: the one that its builds name. Absent: it stays.',
      }),
      isHidden: t.arg.boolean({ description: 'Whether lists of jobs leave it out. Absent: it stays.' }),
    },
    errors: {
      types: [NotAuthorizedError, UnknownPlaceError, BadSectionError],
      ...resultOf('UpdateJob', 'The job is as asked for.', 'name', 'Name of the job.'),
    },
    resolve: async (_root, { name, section, isHidden }, context) => {
      await updateJob(context.writer, await administrator(context), name, {
        ...(section == null ? {} : { section: section === '' ? null : section }),
        ...(isHidden == null ? {} : { isHidden }),
      })
      return name
    },
  }),
  removeJob: t.int({
    nullable: true,
    description:
      'Remove a job with its builds, for good, oldest first. After 20 seconds it stops: then some builds are left, and sending it again goes on.',
    args: {
      name: t.arg.string({ required: true, description: 'Name of the job.' }),
      confirmation: t.arg.string({ required: true, description: 'Its name again.' }),
    },
    errors: {
      types: [NotAuthorizedError, SignInAgainError, NotConfirmedError, UnknownPlaceError, BuildPinnedError],
      ...resultOf(
        'RemoveJob',
        'Builds of the job are removed.',
        'leftCount',
        'Number of builds that are left.',
      ),
    },
    resolve: async (_root, { name, confirmation }, context) => {
      const act = await freshAdministrator(context)
      checkConfirmation(name, confirmation)
      const { db } = context
      const found = await findJobRemoval(db, name)
      if (!found) return 0
      checkNonePinned(name, found)
      const { jobId } = found
      const endsAt = performance.now() + removalMs
      const steps = removeJob(
        context,
        act,
        name,
        { jobId, reason: 'the job was removed' },
        (tookMs) => tookMs,
      )
      for await (const _count of steps) if (performance.now() > endsAt) break
      return db.build.count({ where: { jobId } })
    },
  }),
}))

/** A browser, and a proxy, wait for an answer so long. */
const removalMs = 20_000

/** Throws UnknownBuildError, BuildPinnedError. */
async function removeOneBuild(context: Context, uuid: string, reason: string): Promise<void> {
  const act = await freshAdministrator(context)
  const build = await context.db.build.findUnique({ where: { uuid }, select: { id: true } })
  if (!build) throw new UnknownBuildError(`there is no build ${uuid}`)
  const { removed } = await removeBuilds(
    context.writer,
    [build.id],
    { reason, removedAt: act.at },
    { leavesNewest: false, entriesOf: (builds) => removedBuilds(act, builds, reason) },
  )
  if (removed.length === 0) throw new BuildPinnedError(`build ${uuid} is pinned: unpin it first`)
}
