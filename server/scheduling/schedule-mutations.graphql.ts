import { resultOf } from '../admin/refusals.graphql.ts'
import { badInput } from '../graphql/bad-input.ts'
import { builder } from '../graphql/builder.ts'
import { SignInAgainError } from '../sessions/require-fresh-session.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import {
  InvalidScheduleError,
  JobNameUsedError,
  PlatformDroppedError,
  ScheduleNotFoundError,
} from './errors.ts'
import { nextTimes } from './next-times.ts'
import { optionsOf, ScheduleOptionsInput, WorkInputType, workOf } from './schedule-arguments.graphql.ts'
import { SchedulePeriod } from './definition.graphql.ts'
import {
  addSchedule,
  pauseSchedule,
  removeSchedule,
  reschedule,
  resumeSchedule,
  updateSchedule,
} from './schedules.ts'
import { freshSchedulingAct, schedulingAct } from './scheduling-act.ts'

builder.mutationFields((t) => {
  const job = () => t.arg.string({ required: true, description: 'Name of the job.' })
  const result = (name: string, success: string) => resultOf(name, success, 'jobName', 'Name of the job.')
  return {
    scheduleJob: t.string({
      nullable: true,
      description:
        'Schedule a job, and queue it once: a script on its platform, an opam package on all platforms that have a queue.',
      args: {
        job: job(),
        work: t.arg({ type: WorkInputType, required: true, description: 'What it builds.' }),
        options: t.arg({ type: ScheduleOptionsInput, description: 'When, and how.' }),
      },
      errors: {
        types: [
          ...[NotAuthorizedError, SignInAgainError, JobNameUsedError],
          ...[PlatformDroppedError, InvalidScheduleError],
        ],
        ...result('ScheduleJob', 'The job is scheduled.'),
      },
      resolve: async (_root, { job, work, options }, context) => {
        const act = await freshSchedulingAct(context)
        await addSchedule(context, act, {
          ...{ period: 'DAILY', ...optionsOf(options), job, work: workOf(work) },
        })
        return job
      },
    }),
    updateSchedule: t.string({
      nullable: true,
      description:
        'Change the schedule of a job. What is absent stays. Runs that wait are built by the new definition.',
      args: {
        job: job(),
        work: t.arg({ type: WorkInputType, description: 'What it builds.' }),
        options: t.arg({ type: ScheduleOptionsInput, description: 'When, and how.' }),
      },
      errors: {
        types: [
          ...[NotAuthorizedError, SignInAgainError, ScheduleNotFoundError],
          ...[PlatformDroppedError, InvalidScheduleError],
        ],
        ...result('UpdateSchedule', 'The schedule is as asked for.'),
      },
      resolve: async (_root, { job, work, options }, context) => {
        const act = await freshSchedulingAct(context)
        await updateSchedule(context, act, {
          ...{ ...optionsOf(options), job, ...(work == null ? {} : { work: workOf(work) }) },
        })
        return job
      },
    }),
    removeSchedule: t.string({
      nullable: true,
      description:
        'Take a job out of the schedule, and out of all queues. What runs goes on; its builds and its history stay.',
      args: { job: job() },
      errors: {
        types: [NotAuthorizedError, SignInAgainError, ScheduleNotFoundError],
        ...result('RemoveSchedule', 'The job is not scheduled any more.'),
      },
      resolve: async (_root, { job }, context) => {
        await removeSchedule(context, await freshSchedulingAct(context), { job })
        return job
      },
    }),
    reschedule: t.string({
      nullable: true,
      description:
        'Say when a job is queued next, and how often from then on. Now only if that time has passed.',
      args: {
        job: job(),
        nextAt: t.arg({ type: 'DateTime', required: true, description: 'When it is queued next.' }),
        period: t.arg({
          type: SchedulePeriod,
          description: 'Its period from then on, other than CRON. Absent: it stays.',
        }),
      },
      errors: {
        types: [NotAuthorizedError, ScheduleNotFoundError],
        ...result('Reschedule', 'The job is queued then.'),
      },
      resolve: async (_root, { job, nextAt, period }, context) => {
        if (period === 'CRON') throw badInput('period must not be CRON: updateSchedule takes an expression')
        await reschedule(context, await schedulingAct(context), { job, nextAt, period: period ?? null })
        return job
      },
    }),
    pauseSchedule: t.string({
      nullable: true,
      description: 'Queue a job no longer by itself. What waits stays.',
      args: { job: job() },
      errors: {
        types: [NotAuthorizedError, ScheduleNotFoundError],
        ...result('PauseSchedule', 'The schedule is paused.'),
      },
      resolve: async (_root, { job }, context) => {
        await pauseSchedule(context, await schedulingAct(context), { job })
        return job
      },
    }),
    resumeSchedule: t.string({
      nullable: true,
      description: 'Go on with a schedule at its next time. Times that have passed are not made up.',
      args: { job: job() },
      errors: {
        types: [NotAuthorizedError, ScheduleNotFoundError],
        ...result('ResumeSchedule', 'The schedule goes on.'),
      },
      resolve: async (_root, { job }, context) => {
        await resumeSchedule(context, await schedulingAct(context), { job })
        return job
      },
    }),
  }
})

builder.queryFields((t) => ({
  nextTimes: t.field({
    type: ['DateTime'],
    nullable: true,
    description: 'When a job with such a period would be queued, the next five times. For forms.',
    args: {
      period: t.arg({ type: SchedulePeriod, required: true, description: 'The period.' }),
      cron: t.arg.string({ description: 'Of the period CRON: the expression.' }),
      timeZone: t.arg.string({ description: 'Of the expression. Default: UTC.' }),
    },
    errors: {
      types: [NotAuthorizedError, InvalidScheduleError],
      ...resultOf('NextTimes', 'The times.', 'times', 'The next times, the first one first.'),
    },
    complexity: 100,
    resolve: (_root, { period, cron, timeZone }, { clock }) =>
      nextTimes({ period, cron: cron ?? null, timeZone: timeZone ?? 'UTC' }, clock.now(), 5),
  }),
}))
