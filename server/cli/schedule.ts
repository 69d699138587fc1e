import { Option, type Command } from 'commander'
import { readConfig } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { readDefinition, periods, type Period } from '../scheduling/definition.ts'
import { describeDefinition } from '../scheduling/describe-definition.ts'
import { ScheduleNotFoundError } from '../scheduling/errors.ts'
import { listSchedules } from '../scheduling/list-runs.ts'
import { findScheduleVersions } from '../scheduling/list-versions.ts'
import { readScripts } from '../scheduling/read-info.ts'
import {
  addSchedule,
  pauseSchedule,
  removeSchedule,
  reschedule,
  resumeSchedule,
  updateSchedule,
} from '../scheduling/schedules.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseNumber } from './parse-number.ts'
import { parseTime } from './parse-time.ts'
import {
  describeSchedule,
  describeVersion,
  shownSchedule,
  shownVersion,
  toPrintedSchedule,
} from './print-scheduling.ts'
import { onSite } from './remote/on-site.ts'
import {
  addScheduleAt,
  listSchedulesAt,
  listScheduleVersionsAt,
  rescheduleAt,
  scheduleActs,
  showScheduleAt,
  updateScheduleAt,
} from './remote/schedules.ts'
import { optionsOf, withScheduleFlags, workOf, type ScheduleFlags } from './schedule-flags.ts'
import { addSectionCommands } from './section-policies.ts'
import { environmentOf } from './settings.ts'
import { withTexts } from './with-texts.ts'

const configOf = (command: Command) => readConfig(environmentOf(command))

/** `hub schedule …` */
export function addScheduleCommands(hub: Command): void {
  const schedule = hub.command('schedule').description('say what is built, and when')
  addChanging(schedule)
  addLooking(schedule)
  addSectionCommands(schedule)
}

function addChanging(schedule: Command): void {
  addExamples(
    withScheduleFlags(schedule.command('add <job>'))
      .description('schedule a job, and queue it once')
      .action(async (job: string, options: ScheduleFlags, command: Command) => {
        const work = await workOf(command, options)
        if (!work)
          command.error('error: say what it builds: --script FILE --platform NAME, or --opam PACKAGE')
        const runs = await onSite(command, {
          remote: (site) => addScheduleAt(site, job, work, optionsOf(options)),
          local: async ({ db, writer }) => {
            const deps = { config: configOf(command), db, writer }
            const input = { period: 'DAILY' as const, ...optionsOf(options), job, work }
            return (await addSchedule(deps, actOfCommand(), input)).runs
          },
        })
        const waits = runs.length > 0 ? `run ${runs.join(', ')} waits` : 'no platform has a queue yet'
        ioOf(command).stdout.write(`the job ${job} is scheduled: ${waits}\n`)
      }),
    [
      'hub schedule add hello --script hello.sh --platform debian-12 --period daily',
      'hub schedule add dns --opam dns-primary-git --cron "30 4 * * 1" --time-zone Europe/Berlin',
      'hub schedule add dns --opam dns-primary-git --platform debian-12 debian-13 --reproduce 2',
    ],
  )
  addExamples(
    withScheduleFlags(schedule.command('update <job>'))
      .description('change a schedule; what is not named stays')
      .action(async (job: string, options: ScheduleFlags, command: Command) => {
        const work = await workOf(command, options)
        await onSite(command, {
          remote: (site) => updateScheduleAt(site, job, work, optionsOf(options)),
          local: async ({ db, writer }) => {
            const deps = { config: configOf(command), db, writer }
            await updateSchedule(deps, actOfCommand(), {
              ...{ job, ...(work ? { work } : {}), ...optionsOf(options) },
            })
          },
        })
        ioOf(command).stdout.write(`the schedule of ${job} is as asked for\n`)
      }),
    [
      'hub schedule update hello --period weekly',
      'hub schedule update hello --timeout 7200 --memory 4G --priority -5',
    ],
  )
  const said = (
    name: keyof typeof scheduleActs,
    description: string,
    act: typeof pauseSchedule,
    done: (job: string) => string,
  ) =>
    schedule
      .command(`${name} <job>`)
      .description(description)
      .action(async (job: string, _options: unknown, command: Command) => {
        await onSite<unknown>(command, {
          remote: (site) => site.act<object, { job: string }>(scheduleActs[name], { job }),
          local: ({ writer }) => act({ writer }, actOfCommand(), { job }),
        })
        ioOf(command).stdout.write(`${done(job)}\n`)
      })
  said(
    'remove',
    'take a job out of the schedule, and out of all queues; what runs goes on',
    removeSchedule,
    (job) => `the job ${job} is not scheduled any more`,
  )
  said('pause', 'queue a job no longer by itself', pauseSchedule, (job) => `the schedule of ${job} is paused`)
  said(
    'resume',
    'go on with a schedule at its next time; times that have passed are not made up',
    resumeSchedule,
    (job) => `the schedule of ${job} goes on`,
  )
  addExamples(
    schedule
      .command('reschedule <job>')
      .argument('<time>', 'when it is queued next, in UTC', parseTime)
      .addOption(
        new Option('--period <period>', 'its period from then on').choices(
          periods.filter((one) => one !== 'CRON').map((one) => one.toLowerCase()),
        ),
      )
      .description('say when a job is queued next')
      .action(async (job: string, nextAt: Date, { period }: { period?: string }, command: Command) => {
        const then: { period?: Exclude<Period, 'CRON'> } =
          period === undefined ? {} : { period: period.toUpperCase() as Exclude<Period, 'CRON'> }
        await onSite(command, {
          remote: (site) => rescheduleAt(site, { job, nextAt, period: then.period ?? null }),
          local: ({ writer }) => reschedule({ writer }, actOfCommand(), { job, nextAt, ...then }),
        })
        ioOf(command).stdout.write(`the job ${job} is queued at ${nextAt.toISOString()}\n`)
      }),
    ['hub schedule reschedule hello 2027-01-01T00:00:00Z --period weekly'],
  )
}

function addLooking(schedule: Command): void {
  schedule
    .command('list')
    .description('print what is built and when')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const schedules = await onSite(command, {
        remote: listSchedulesAt,
        local: async ({ db }) => (await listSchedules(db)).map(toPrintedSchedule),
      })
      ioOf(command).stdout.write(
        json ? jsonText(schedules.map(shownSchedule)) : schedules.map(describeSchedule).join(''),
      )
    })
  schedule
    .command('show <job>')
    .description('print the schedule of a job, with its script')
    .option('--json', 'print JSON', false)
    .action(async (job: string, { json }: { json: boolean }, command: Command) => {
      const { schedule: found, script } = await onSite(command, {
        remote: (site) => showScheduleAt(site, job),
        local: ({ db }) => readSchedule(db, job),
      })
      const shown = json
        ? jsonText({ ...shownSchedule(found), script: script && Buffer.from(script).toString() })
        : `${describeSchedule(found)}${visibleText(describeDefinition(found.definition, script))}`
      ioOf(command).stdout.write(shown)
    })
  schedule
    .command('history <job>')
    .description('print what the schedule of a job was, and who changed it, the newest version first')
    .option('--limit <number>', 'at most so many', parseNumber, 20)
    .option('--json', 'print JSON', false)
    .action(async (job: string, { limit, json }: { limit: number; json: boolean }, command: Command) => {
      const versions = await onSite(command, {
        remote: (site) => listScheduleVersionsAt(site, job, limit),
        async local({ db }) {
          const page = { limit, backward: false, after: null, before: null }
          return withTexts((await findScheduleVersions(db, job, page)).slice(0, limit))
        },
      })
      ioOf(command).stdout.write(
        json ? jsonText(versions.map(shownVersion)) : versions.map(describeVersion).join(''),
      )
    })
}

/** Throws ScheduleNotFoundError. */
async function readSchedule(db: Reader, job: string) {
  const row = await db.schedule.findUnique({ where: { job } })
  if (!row) throw new ScheduleNotFoundError(job)
  const schedule = toPrintedSchedule(row)
  const { work } = readDefinition(row.definition)
  const script =
    work.kind === 'SCRIPT' ? (await readScripts(db, [work.scriptSha256]))(work.scriptSha256) : null
  return { schedule, script }
}
