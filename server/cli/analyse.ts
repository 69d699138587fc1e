import { InvalidArgumentError, Option, type Command } from 'commander'
import { countAnalyses, type AnalysisCounts } from '../analyses/count-analyses.ts'
import { analysisHandlers, createAnalysisWorkers } from '../analyses/analysis-handlers.ts'
import { analysisKinds, isAnalysisKind, type AnalysisKind } from '../analyses/kind.ts'
import { kinds as allKinds } from '../analyses/kinds.ts'
import { requestForAll, requestForBuild } from '../analyses/request-analyses.ts'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { readConfig, type Config } from '../config.ts'
import { buildDeps } from '../build-deps.ts'
import { DataDirInUseError } from '../data-dir-lock.ts'
import type { Database } from '../database/connections.ts'
import { siteDatabaseOf } from '../database/site-database.ts'
import { lockSite } from '../lock-site.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { actOfCommand } from './command-act.ts'
import { commandLog } from './command-log.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

const kindNames = analysisKinds.map((kind) => kind.toLowerCase().replace('_', '-'))

/** `hub analyse`, `hub analyses status` */
export function addAnalysisCommands(hub: Command): void {
  hub
    .command('analyse [uuid]')
    .description(
      'run missing and failed analyses; with a UUID, run those of one build again; with --all, run those of every ' +
        'build again. If a server uses the data directory, it runs them; otherwise this command does',
    )
    .option('--all', 'run the analyses of every build again, also those that are ready', false)
    .addOption(new Option('--kind <kind>', `run only one kind: ${kindNames.join(', ')}`).argParser(parseKind))
    .action(
      async (uuid: string | undefined, options: { all: boolean; kind?: AnalysisKind }, command: Command) => {
        if (uuid !== undefined && options.all) command.error('error: give a UUID or --all, not both')
        const kinds = options.kind ? { [options.kind]: allKinds[options.kind] } : allKinds
        const config = readConfig(environmentOf(command))
        await withDatabase(command, async (database) => {
          const { writer } = database
          const act = actOfCommand()
          if (uuid !== undefined) await requestForBuild(writer, act, kinds, uuid.toLowerCase())
          else await requestForAll(writer, act, kinds, options.all ? 'all' : 'failed')
          await runUnlessServed(config, database, ioOf(command))
        })
      },
    )

  hub
    .command('analyses')
    .description('show the analyses that run in the background')
    .command('status')
    .description('print how many analyses are pending, running, ready or failed, and reasons of failures')
    .option('--json', 'print JSON', false)
    .action(async ({ json }: { json: boolean }, command: Command) => {
      await withDatabase(command, async ({ db }) => {
        const counts = await countAnalyses(db, allKinds)
        ioOf(command).stdout.write(json ? `${JSON.stringify(counts, null, 2)}\n` : printCounts(counts))
      })
    })
}

function parseKind(text: string): AnalysisKind {
  const kind = text.toUpperCase().replace('-', '_')
  if (!isAnalysisKind(kind) || !allKinds[kind])
    throw new InvalidArgumentError(`there are ${kindNames.join(', ')}`)
  return kind
}

/** Only one process runs the analyses of a site: the server, or this command if there is none. */
async function runUnlessServed(config: Config, database: Database, io: CommandIo): Promise<void> {
  const stored = await siteDatabaseOf(config)
  let lock
  try {
    lock = await lockSite(config.dataDir, stored)
  } catch (error) {
    if (!(error instanceof DataDirInUseError)) throw error
    const { pending } = sumUp(await countAnalyses(database.db, allKinds))
    const site = config.databaseUrl === '' ? config.dataDir : stored.name
    io.stdout.write(
      `${pending} analyses wait; the server that uses ${site} runs them. See "hub analyses status"\n`,
    )
    return
  }
  try {
    await runAll(config, database, io)
  } finally {
    await lock.release()
  }
}

async function runAll(config: Config, database: Database, io: CommandIo): Promise<void> {
  let finished = 0
  const counted = (handler: TaskHandler): TaskHandler => ({
    ...handler,
    ended: ({ kind }) => void (isAnalysisKind(kind) && finished++),
  })
  const { copies, runner } = buildDeps({
    ...{ ...database, config },
    blobs: await siteBlobStore(config),
    log: commandLog(config),
    // There is no server to give way to.
    analysing: { workers: createAnalysisWorkers({ niceness: 0 }) },
    handlersOf: (...parts) => analysisHandlers(...parts).map(counted),
  })
  await copies.sweep()
  const progress = setInterval(() => io.stderr.write(`${finished} analyses done …\n`), 2_000)
  const stop = () => void runner.close()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  try {
    await runner.start()
    await runner.settled()
  } finally {
    clearInterval(progress)
    await runner.close()
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
  const { pending, failed } = sumUp(await countAnalyses(database.db, allKinds))
  const rest = pending > 0 ? `, ${pending} still wait` : ''
  io.stdout.write(`${finished} analyses done${rest}; ${failed} failed in total\n`)
}

function sumUp({ kinds }: AnalysisCounts): { pending: number; failed: number } {
  return {
    pending: kinds.reduce((sum, { pending, running }) => sum + pending + running, 0),
    failed: kinds.reduce((sum, { failed }) => sum + failed, 0),
  }
}

function printCounts({ kinds, oldestPendingSince, failures }: AnalysisCounts): string {
  const columns = ['pending', 'running', 'ready', 'failed', 'outdated'] as const
  const name = (kind: string) => kind.toLowerCase().replace('_', '-')
  const head = ['kind'.padEnd(14), ...columns.map((column) => column.padStart(9))].join('')
  const rows = kinds.map((row) =>
    [name(row.kind).padEnd(14), ...columns.map((column) => String(row[column]).padStart(9))].join(''),
  )
  const toSee = kinds
    .filter(({ buildsToSee }) => buildsToSee > 0)
    .map(({ kind, buildsToSee }) => `${name(kind)}: up to ${buildsToSee} older builds are not queued yet`)
  const since = oldestPendingSince
    ? [`the oldest pending analysis has waited since ${oldestPendingSince.toISOString()}`]
    : []
  const reasons = failures.map(({ kind, reason, count, inputSha256 }) => {
    // Reasons quote content of builds, which may contain escape sequences for the terminal.
    const shown = reason.replace(/\p{Cc}/gu, '\u{fffd}')
    return `  ${count} × ${name(kind)}: ${shown} (such as ${inputSha256.slice(0, 12)}…)`
  })
  return `${[head, ...rows, ...toSee, ...since, ...(reasons.length > 0 ? ['failed:', ...reasons] : [])].join('\n')}\n`
}
