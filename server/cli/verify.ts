import { InvalidArgumentError, type Command } from 'commander'
import { siteBlobStore } from '../blobs/site-blob-store.ts'
import { formatByteSize } from '../byte-size.ts'
import { readConfig, type Config } from '../config.ts'
import { DataDirInUseError } from '../data-dir-lock.ts'
import type { Database } from '../database/connections.ts'
import { siteDatabaseOf } from '../database/site-database.ts'
import { lockSite } from '../lock-site.ts'
import { createLog } from '../log.ts'
import { byteRate } from '../verify/byte-rate.ts'
import { createDamageMarks, listMarks } from '../verify/damage-marks.ts'
import { findingKinds, type Finding, type FindingKind } from '../verify/finding.ts'
import { createRepairs, type Repaired } from '../verify/repair.ts'
import { readScrubState } from '../verify/scrub-progress.ts'
import { verifySite } from '../verify/verify-site.ts'
import { visibleText } from '../visible-text.ts'
import { ioOf, type CommandIo } from './command-io.ts'
import { addExamples } from './examples.ts'
import { FoundProblemsError } from './exit-status.ts'
import { findJob } from './find-job.ts'
import { parseTime } from './parse-time.ts'
import { progressOf } from './progress.ts'
import { environmentOf } from './settings.ts'
import { withDatabase } from './with-database.ts'

type Options = {
  quick: boolean
  full: boolean
  since?: Date
  job?: string
  rate?: number
  json: boolean
  repair: boolean
  status: boolean
}

/** `hub verify` */
export function addVerifyCommand(hub: Command): void {
  const verify = hub
    .command('verify')
    .description(
      'compare the database, the stored files and the facts that are derived from builds with each other, and print ' +
        'what is wrong. Uploads go on meanwhile. Damaged content is marked, so that nobody gets it. Exits with 3 if ' +
        'something is wrong',
    )
    .option('--quick', 'compare the lengths of files (default)', false)
    .option('--full', 'read all files, and compare their SHA-256', false)
    .option('--since <time>', 'only builds that were received since then (RFC 3339)', parseTime)
    .option('--job <name>', 'only builds of one job')
    .option('--rate <bytes>', 'with --full: read at most so many bytes a second', parseRate)
    .option('--json', 'print a line of JSON for each finding, and one for the summary', false)
    .option(
      '--repair',
      'compute wrong facts anew, move damaged files to "quarantine" in the data directory, and run analyses again ' +
        'whose result is lost. No content is deleted',
      false,
    )
    .option('--status', 'check nothing: print how far the check of the server is, and what is marked', false)
    .action(async (options: Options, command: Command) => {
      if (options.quick && options.full) command.error('error: give --quick or --full, not both')
      const config = readConfig(environmentOf(command))
      if (options.status)
        return withDatabase(command, ({ db }) => printStatus(db, options.json, ioOf(command)))
      await withDatabase(command, (database) => verifyAll(config, database, options, ioOf(command)))
    })
  addExamples(verify, [
    'hub verify',
    'hub verify --full --rate 50000000',
    'hub verify --full --since 2026-11-01T00:00:00Z --json',
    'hub verify --full --repair',
    'hub verify --status',
  ])
}

async function printStatus(db: Database['db'], json: boolean, { stdout }: CommandIo): Promise<void> {
  const { running, last, markedCount } = await readScrubState(db)
  if (json) {
    const state = {
      running: running && { ...running, after: undefined, review: undefined },
      last,
      damagedCount: markedCount,
    }
    stdout.write(`${JSON.stringify({ type: 'scrub', ...state })}\n`)
    for await (const mark of listMarks(db)) stdout.write(`${JSON.stringify({ type: 'damaged', ...mark })}\n`)
    return
  }
  const countOf = ({ blobCount, bytes }: { blobCount: number; bytes: number }) =>
    `${blobCount} files with ${formatByteSize(bytes)}`
  stdout.write(
    last
      ? `the last check of all content ended at ${last.finishedAt.toISOString()}: ${countOf(last)}, ${last.damagedCount} damaged\n`
      : 'no check of all content has ended yet\n',
  )
  if (running)
    stdout.write(
      `a check runs since ${running.startedAt.toISOString()}: ${countOf(running)}, ${running.damagedCount} damaged\n`,
    )
  stdout.write(`known to be damaged: ${markedCount}\n`)
  for await (const { sha256, problem, detail, foundAt } of listMarks(db))
    stdout.write(`  ${sha256}, found at ${foundAt.toISOString()}: ${problem}, ${detail}\n`)
}

function parseRate(text: string): number {
  const rate = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(rate) || rate === 0)
    throw new InvalidArgumentError('it must be a number of bytes, greater than 0')
  return rate
}

async function verifyAll(config: Config, database: Database, options: Options, io: CommandIo): Promise<void> {
  const { db } = database
  const jobId = options.job === undefined ? null : await findJob(database, options.job)
  const { stagingDir, quarantineDir } = config
  const store = await siteBlobStore(config)
  const { integrity } = await siteDatabaseOf(config)
  const log = createLog('silent')
  const damage = createDamageMarks({ ...database, log }, store)
  const repair = createRepairs({
    ...database,
    store,
    integrity,
    quarantineDir,
    whenAlone: whenAloneOf(config),
  })
  const progress = progressOf(io)
  const report = reportTo(io, options, () => progress.clear())
  const findings = verifySite(
    { db, writer: database.writer, store, damage, integrity, stagingDir },
    {
      isFull: options.full,
      since: options.since ?? null,
      jobId,
      rate: byteRate(options.rate ?? null),
      onProgress: (text) => progress.show(text),
      onNote: (text) => report.note(text),
    },
  )
  for await (const finding of findings) report.finding(finding, options.repair ? await repair(finding) : null)
  progress.clear()
  report.summary()
}

/** Runs an action with the locks that a server holds. */
function whenAloneOf(config: Config) {
  return async (action: () => Promise<void>): Promise<boolean> => {
    let lock
    try {
      lock = await lockSite(config.dataDir, await siteDatabaseOf(config))
    } catch (error) {
      if (error instanceof DataDirInUseError) return false
      throw error
    }
    try {
      await action()
      return true
    } finally {
      await lock.release()
    }
  }
}

function reportTo({ stdout }: CommandIo, { full, json, repair }: Options, clear: () => void) {
  const counts = new Map<FindingKind, { found: number; mended: number }>()
  const print = (line: string) => {
    clear()
    stdout.write(`${line}\n`)
  }
  return {
    note(text: string): void {
      print(json ? JSON.stringify({ type: 'note', text }) : visibleText(text))
    },
    finding(finding: Finding, repaired: Repaired | null): void {
      const { kind, subject, detail } = finding
      const { isProblem, advice } = findingKinds[kind]
      const count = counts.get(kind) ?? { found: 0, mended: 0 }
      counts.set(kind, { found: count.found + 1, mended: count.mended + (repaired?.isMended ? 1 : 0) })
      if (json) {
        const done = repaired ? { repairs: repaired.acts, isMended: repaired.isMended } : {}
        print(JSON.stringify({ type: 'finding', kind, isProblem, subject, detail, advice, ...done }))
        return
      }
      print(visibleText(`${kind} ${describeSubject(subject)}: ${detail}`.replace(' :', ':')))
      if (repaired === null) print(`  ${advice}`)
      else for (const act of repaired.acts) print(visibleText(`  repaired: ${act}`))
    },
    /** Throws FoundProblemsError if a problem is left. */
    summary(): void {
      const kinds = [...counts].map(([kind, count]) => ({ kind, ...findingKinds[kind], ...count }))
      const problems = kinds.filter(({ isProblem }) => isProblem)
      const sum = (name: 'found' | 'mended') => problems.reduce((all, one) => all + one[name], 0)
      const [found, mended] = [sum('found'), sum('mended')]
      if (json)
        print(
          JSON.stringify({
            ...{ type: 'summary', isFull: full, problems: found, mended },
            counts: Object.fromEntries(kinds.map(({ kind, found: count }) => [kind, count])),
          }),
        )
      else {
        for (const one of kinds) print(`${one.kind}: ${one.found}${one.isProblem ? '' : ' (no problem)'}`)
        if (found === 0) print('nothing is wrong')
        else if (repair) print(`${found} problems, ${mended} of them mended`)
      }
      if (found > mended)
        throw new FoundProblemsError(
          repair
            ? `${found - mended} ${found - mended === 1 ? 'problem is' : 'problems are'} left: see above what to do`
            : `${found} ${found === 1 ? 'problem' : 'problems'} found: see above what to do`,
        )
    },
  }
}

function describeSubject({
  job,
  build,
  path,
  sha256,
  inputId,
  table,
  row,
  file,
}: Finding['subject']): string {
  return [
    ...(job === undefined ? [] : [`job ${job}`]),
    ...(build === undefined ? [] : [`build ${build}`]),
    ...(path === undefined ? [] : [path]),
    ...(table === undefined || job !== undefined ? [] : [table]),
    ...(row === undefined ? [] : [row]),
    ...(file === undefined ? [] : [file]),
    ...(inputId === undefined ? [] : [`input ${inputId}`]),
    ...(sha256 === undefined ? [] : [`content ${sha256}`]),
  ].join(', ')
}
