import { InvalidArgumentError, Option, type Command } from 'commander'
import { toBlobId } from '../blobs/blob-store.ts'
import { diskBlobStore } from '../blobs/disk-blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import { readConfig } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import type { HookRun } from '../generated/prisma/client.ts'
import { HookRunNotFoundError, retryHookRun, testHook } from '../hooks/ask-for-run.ts'
import { hookEvents, hookFolders } from '../hooks/hook-event.ts'
import { hookRunStates, type HookRunState } from '../hooks/hook-run.ts'
import { findHookRuns, listKnownHooks, type KnownHook } from '../hooks/list-hook-runs.ts'
import type { HookRunId } from '../ids.ts'
import { visibleName, visibleText } from '../visible-text.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { addSettings, environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

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

function addList(hooks: Command): void {
  addSettings(hooks.command('list'), ['configDir'])
    .description(
      'print the hooks in the folders of the configuration directory, and how the last run of each ended',
    )
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      const { configDir } = readConfig(environmentOf(command))
      await withDatabase(command, async ({ db }) => {
        const known = await listKnownHooks(db, configDir)
        const { stderr, stdout } = ioOf(command)
        if (json) stdout.write(printJson(known))
        else for (const one of known) stdout.write(`${describeHook(one)}\n`)
        if (known.length === 0 && !json)
          stderr.write(`there are no hooks in ${configDir}: docs/hooks.md says how to install one\n`)
      })
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
        await withDatabase(command, async ({ db }) => {
          const page = { after: null, before: null, backward: false, limit }
          const asked = { ...filter, state: (state?.toUpperCase() ?? null) as HookRunState | null }
          const runs = (await findHookRuns(db, asked, page)).slice(0, limit)
          const { stdout } = ioOf(command)
          stdout.write(json ? printJson(runs) : runs.map((run) => `${describeRun(run)}\n`).join(''))
        })
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
        const { blobDir, stagingDir } = readConfig(environmentOf(command))
        await withDatabase(command, async ({ db }) => {
          const run = await findRun(db, parseRun(text))
          const store = diskBlobStore({ dir: blobDir, stagingDir })
          const output = run.outputSha256 === null ? null : await readText(store, toBlobId(run.outputSha256))
          const { stdout } = ioOf(command)
          stdout.write(
            json
              ? printJson({ ...run, output })
              : `${describeRun(run)}\nevent ${run.eventId}\n${output === null ? '' : `\n${visibleText(output)}`}`,
          )
        })
      }),
    ['hub hooks show 12'],
  )
}

function addRetry(hooks: Command): void {
  hooks
    .command('retry <run>')
    .description('run a hook again for the same build and event')
    .action(async (text: string, _options: unknown, command: Command) => {
      await withDatabase(command, async ({ writer }) => {
        const id = parseRun(text)
        await retryHookRun(writer, actOfCommand(), id)
        ioOf(command).stdout.write(`${runsSoon(id)}\n`)
      })
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
        const config = readConfig(environmentOf(command))
        const event = hookEvents.find((one) => hookFolders[one] === options.folder) ?? 'UPLOAD'
        await withDatabase(command, async ({ writer }) => {
          const asked = { event, name, uuid: options.build ?? null }
          const id = await testHook({ config, writer }, actOfCommand(), asked)
          ioOf(command).stdout.write(`${runsSoon(id)}\n`)
        })
      }),
    ['hub hooks test aptly.sh', 'hub hooks test mail.sh --folder failure-hooks'],
  )
}

const runsSoon = (id: HookRunId) =>
  `the server runs it as run ${id}; without a running server it waits: "hub hooks show ${id}" says how it ended`

/** BigInt is no JSON: bytes are numbers. */
const printJson = (value: unknown) =>
  `${JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? Number(one) : one), 2)}\n`

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
  if (!run) throw new HookRunNotFoundError(`there is no run ${id}: "hub hooks runs" lists them`)
  return run
}

/** `upload-hooks/aptly.sh: last run 12 succeeded 2026-…`. */
function describeHook({ event, isExecutable, lastRun, name }: KnownHook): string {
  const last = lastRun ? `last run ${lastRun.id} ${stateOf(lastRun)}` : 'has not run'
  const fault = isExecutable ? '' : ' is not executable, so it does not run;'
  return `${hookFolders[event]}/${visibleName(name)}:${fault} ${last}`
}

/** `12 upload-hooks/aptly.sh for hello b000…: succeeded 2026-… in 0.3 s`. */
function describeRun(run: HookRun): string {
  const folder = hookFolders[run.event as keyof typeof hookFolders]
  const error = run.error === null ? '' : `: ${run.error}`
  const attempts = run.attempts > 1 ? `, in attempt ${run.attempts}` : ''
  const names = `${folder}/${visibleName(run.hook)} for ${visibleName(run.job)} ${run.buildUuid}`
  return `${run.id} ${names}: ${run.isTest ? 'test, ' : ''}${stateOf(run)}${attempts}${visibleText(error)}`
}

function stateOf({ finishedAt, startedAt, state }: HookRun): string {
  const word = state.toLowerCase()
  if (!finishedAt || !startedAt) return word
  const seconds = (finishedAt.getTime() - startedAt.getTime()) / 1_000
  return `${word} ${finishedAt.toISOString()} after ${seconds.toFixed(1)} s`
}
