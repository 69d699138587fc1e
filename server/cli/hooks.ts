import { InvalidArgumentError, Option, type Command } from 'commander'
import { toBlobId } from '../blobs/blob-store.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { readConfig } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import type { HookRun } from '../generated/prisma/client.ts'
import { HookRunNotFoundError, retryHookRun, testHook } from '../hooks/ask-for-run.ts'
import { hookEvents, hookFolders } from '../hooks/hook-event.ts'
import { hookRunStates, type HookRunState } from '../hooks/hook-run.ts'
import { findHookRuns, listKnownHooks, readHookFolders, type UnreadFolder } from '../hooks/list-hook-runs.ts'
import type { HookRunId } from '../ids.ts'
import { visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import {
  describeHook,
  describeHookRun,
  shownHook,
  shownHookRun,
  type PrintedHook,
  type PrintedHookRun,
} from './print-hooks.ts'
import {
  listHookRunsAt,
  listHooksAt,
  noHookRun,
  retryHookRunAt,
  showHookRunAt,
  testHookAt,
} from './remote/hooks.ts'
import { onSite } from './remote/on-site.ts'
import { addSettings, environmentOf } from './settings.ts'

/** `hub hooks …` */
export function addHookCommands(hub: Command): void {
  const hooks = hub
    .command('hooks')
    .description('see the programs that run when builds arrive, and run them again')
  addList(hooks)
  addRuns(hooks)
  addShow(hooks)
  addRetry(hooks)
  addTest(hooks)
}

type FoundHooks = { hooks: PrintedHook[]; unread: readonly UnreadFolder[]; place: string }

function addList(hooks: Command): void {
  addSettings(hooks.command('list'), ['configDir'])
    .description(
      'print the hooks in the folders of the configuration directory, and how the last run of each ended',
    )
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { hooks, unread, place } = await onSite<FoundHooks>(command, {
        remote: async (site) => ({ ...(await listHooksAt(site)), place: site.url }),
        async local({ db }) {
          const { configDir } = readConfig(environmentOf(command))
          const { unread } = await readHookFolders(configDir)
          return { hooks: await listKnownHooks(db, configDir), unread, place: configDir }
        },
      })
      const { stderr, stdout } = ioOf(command)
      stdout.write(
        json ? jsonText(hooks.map(shownHook)) : hooks.map((one) => `${describeHook(one)}\n`).join(''),
      )
      for (const { folder, problem } of unread)
        stderr.write(`the hooks in ${folder} cannot be read: ${problem}\n`)
      if (hooks.length === 0 && unread.length === 0 && !json)
        stderr.write(`there are no hooks in ${place}: docs/hooks.md says how to install one\n`)
    })
}

type RunsOptions = { state?: HookRunState; hook?: string; build?: string; limit: number; json: boolean }

function addRuns(hooks: Command): void {
  addExamples(
    hooks
      .command('runs')
      .description('print runs of hooks, the newest first')
      .addOption(
        new Option('--state <state>', 'only runs in this state').choices(
          hookRunStates.map((state) => state.toLowerCase()),
        ),
      )
      .option('--hook <name>', 'only runs of the hook in this file')
      .option('--build <uuid>', 'only runs for this build')
      .option('--limit <number>', 'how many at most', parseLimit, 50)
      .option('--json', 'print JSON', false)
      .action(async ({ json, limit, state, ...filter }: RunsOptions, command: Command) => {
        const asked = { ...filter, state: (state?.toUpperCase() ?? null) as HookRunState | null }
        const runs = await onSite<PrintedHookRun[]>(command, {
          remote: (site) => listHookRunsAt(site, asked, limit),
          async local({ db }) {
            const page = { after: null, before: null, backward: false, limit }
            return (await findHookRuns(db, asked, page)).slice(0, limit)
          },
        })
        ioOf(command).stdout.write(
          json ? jsonText(runs.map(shownHookRun)) : runs.map((run) => `${describeHookRun(run)}\n`).join(''),
        )
      }),
    ['hub hooks runs', 'hub hooks runs --state failed --hook aptly.sh --json'],
  )
}

function addShow(hooks: Command): void {
  addExamples(
    hooks
      .command('show <run>')
      .description('print one run of a hook, and what its last attempt printed')
      .option('--json', 'print JSON', false)
      .action(async (text: string, { json }: { json: boolean }, command: Command) => {
        const id = parseRun(text)
        const { run, output } = await onSite<{ run: PrintedHookRun; output: string | null }>(command, {
          remote: (site) => showHookRunAt(site, id),
          async local({ db }) {
            const run = await findRun(db, id)
            const store = await siteBlobStore(readConfig(environmentOf(command)))
            const { outputSha256 } = run
            return {
              run,
              output: outputSha256 === null ? null : await readText(store, toBlobId(outputSha256)),
            }
          },
        })
        ioOf(command).stdout.write(
          json
            ? jsonText({ ...shownHookRun(run), output })
            : `${describeHookRun(run)}\nevent ${run.eventId}\n${output === null ? '' : `\n${visibleText(output)}`}`,
        )
      }),
    ['hub hooks show 12'],
  )
}

function addRetry(hooks: Command): void {
  hooks
    .command('retry <run>')
    .description('run a hook again for the same build and event')
    .action(async (text: string, _options: unknown, command: Command) => {
      const id = parseRun(text)
      await onSite(command, {
        remote: (site) => retryHookRunAt(site, id),
        local: ({ writer }) => retryHookRun(writer, actOfCommand(), id),
      })
      ioOf(command).stdout.write(`${runsSoon(id)}\n`)
    })
}

function addTest(hooks: Command): void {
  addExamples(
    addSettings(hooks.command('test <hook>'), ['configDir'])
      .description(
        'run a hook now, for a build that has arrived already. Its environment has BUILDER_HUB_TEST=1, and it does what it does',
      )
      .addOption(
        new Option('--folder <folder>', 'the folder that it is in')
          .choices(Object.values(hookFolders))
          .default(hookFolders.UPLOAD),
      )
      .option('--build <uuid>', 'the build (default: the newest one that the hook can run for)')
      .action(async (name: string, options: { folder: string; build?: string }, command: Command) => {
        const event = hookEvents.find((one) => hookFolders[one] === options.folder) ?? 'UPLOAD'
        const asked = { event, name, uuid: options.build ?? null }
        const id = await onSite<number>(command, {
          remote: (site) => testHookAt(site, asked),
          local: ({ writer }) =>
            testHook({ config: readConfig(environmentOf(command)), writer }, actOfCommand(), asked),
        })
        ioOf(command).stdout.write(`${runsSoon(id)}\n`)
      }),
    ['hub hooks test aptly.sh', 'hub hooks test mail.sh --folder failure-hooks'],
  )
}

const runsSoon = (id: number) =>
  `the server runs it as run ${id}; without a running server it waits: "hub hooks show ${id}" says how it ended`

/** Throws InvalidArgumentError. */
function parseLimit(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (limit < 1) throw new InvalidArgumentError('it must be a number from 1 to 99999')
  return limit
}

/** Throws HookRunNotFoundError. */
function parseRun(text: string): HookRunId {
  if (!/^\d{1,9}$/.test(text)) throw new HookRunNotFoundError(`not the number of a run: ${text}`)
  return Number(text) as HookRunId
}

/** Throws HookRunNotFoundError. */
async function findRun(db: Reader, id: HookRunId): Promise<HookRun> {
  const run = await db.hookRun.findUnique({ where: { id } })
  if (!run) throw new HookRunNotFoundError(noHookRun(id))
  return run
}
