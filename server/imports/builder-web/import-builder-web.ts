import { readFile } from 'node:fs/promises'
import pLimit from 'p-limit'
import { inputIdOf, isKeptAsArtifact, mainBinaryOf } from '../../builds/artifact-roles.ts'
import { DomainError } from '../../errors.ts'
import { describeSwitch, type SwitchDescription } from '../../formats/opam/describe-switch.ts'
import { BuildExistsError } from '../../uploads/errors.ts'
import { receiveParts, type BuildParts } from '../../uploads/receive-build.ts'
import type { Uploader } from '../../users/authenticate.ts'
import { findKnownBuilds, type KnownBuilds } from '../find-known-builds.ts'
import { outcomeOf, RemovedBeforeError, type ImportDeps, type ImportOutcome } from '../import-one.ts'
import { importsAtOnce } from '../import-records.ts'
import { StoppedError } from '../import-report.ts'
import { inTurn, type Turn } from '../in-turn.ts'
import {
  openBuilderWeb,
  type ArtifactRow,
  type BuilderWebDatabase,
  type BuildRow,
  type Row,
} from './builder-web-database.ts'
import { artifactFile, artifactsOf, factsOf, giveBuild } from './give-build.ts'
import { importUsers } from './import-users.ts'
import { emptyBuilderWebReport, refuse, type BuilderWebReport } from './table-report.ts'

type Options = {
  isDryRun: boolean
  /** Also store builds that were removed here. */
  isAgain: boolean
  signal: AbortSignal
  /** Told after each page of builds. */
  onProgress?: (doneBuilds: number, ofBuilds: number) => void
}

/**
 * Takes everything over from builder-web's data directory: users, access lists, builds with their files. The directory
 * is only read, and builder-web may go on meanwhile: a later run takes what is new. What is missing or damaged is named,
 * and all the rest is taken. Throws SourceError if the directory cannot be read at all, StoppedError, and what would stop
 * all builds.
 */
export async function importBuilderWeb(
  deps: ImportDeps,
  dataDir: string,
  options: Options,
  report: BuilderWebReport = emptyBuilderWebReport(),
): Promise<BuilderWebReport> {
  const source = openBuilderWeb(dataDir)
  try {
    const how = { report, isDryRun: options.isDryRun }
    const users = await importUsers(deps, { users: source.users(), access: source.access() }, how)
    const jobs = { before: await findJobs(deps), taken: new Set<string>() }
    await importBuilds(deps, { source, dataDir, users, jobs, report, options })
    compareJobs(source, jobs, report)
    await compareTags(source, dataDir, jobs, report)
    return report
  } finally {
    source.close()
  }
}

/** Names of the jobs that were here before, and of those that have a build that was taken over, or would be. */
type Jobs = { before: ReadonlySet<string>; taken: Set<string> }

type Import = {
  source: BuilderWebDatabase
  dataDir: string
  users: ReadonlyMap<string, Uploader>
  jobs: Jobs
  report: BuilderWebReport
  options: Options
}

async function importBuilds(deps: ImportDeps, context: Import): Promise<void> {
  const { source, report, options, jobs } = context
  const ofBuilds = source.countBuilds()
  const limit = pLimit(importsAtOnce)
  const nextTurn = inTurn(deps.writer)
  let doneBuilds = 0
  let failure: { error: unknown } | null = null
  for (const page of source.builds()) {
    const known = await findKnownBuilds(deps.db, uuidsOf(page))
    await Promise.all(
      page.map((row) => {
        const turn = nextTurn()
        return limit(async () => {
          if (failure || options.signal.aborted) return
          const outcome = await importBuild({ ...deps, writer: turn.writer }, row, known, context)
          noteBuild(report, row, outcome)
          if (outcome.kind === 'imported') jobs.taken.add(outcome.job)
        })
          .catch((error: unknown) => void (failure ??= { error }))
          .finally(turn.end)
      }),
    )
    const failed = failure as { error: unknown } | null
    if (failed) throw failed.error
    if (options.signal.aborted) throw new StoppedError()
    doneBuilds += page.length
    options.onProgress?.(doneBuilds, ofBuilds)
  }
}

type Outcome = ImportOutcome & { artifactCount: number }

async function importBuild(
  deps: ImportDeps & { writer: Turn['writer'] },
  row: Row<BuildRow>,
  known: KnownBuilds,
  { source, dataDir, users, report, options }: Import,
): Promise<Outcome> {
  if ('reason' in row) return { kind: 'refused', reason: row.reason, isPassing: false, artifactCount: 0 }
  const build = row.value
  let artifactCount = 0
  const outcome = await outcomeOf(async () => {
    const facts = factsOf(build)
    const rows = source.artifacts(build.id)
    artifactCount = rows.length
    if (known.stored.has(facts.uuid)) throw new BuildExistsError(facts.uuid)
    if (!options.isAgain && known.removed.has(facts.uuid)) throw new RemovedBeforeError(facts.uuid)
    const artifacts = artifactsOf(rows)
    const give = (parts: BuildParts) => giveBuild(dataDir, build, facts, artifacts, parts)
    if (options.isDryRun) await give(readOnly)
    else await receiveParts(deps, uploaderOf(build, users), give)
    report.notes.push(...differencesOf(build, artifacts))
    return facts
  })
  return { ...outcome, artifactCount }
}

const uploaderOf = ({ user }: BuildRow, users: ReadonlyMap<string, Uploader>) =>
  (user === null ? undefined : users.get(user)) ?? null

/** Reads everything, and stores nothing. */
const readOnly: BuildParts = {
  job() {},
  uuid() {},
  script: drain,
  consoleEntry() {},
  artifact: (_path, chunks) => drain(chunks),
}

async function drain(chunks: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of chunks);
}

/** What Builder Hub derives otherwise than builder-web did. */
function differencesOf(build: BuildRow, rows: readonly ArtifactRow[]): string[] {
  const kept = rows.filter(({ path }) => isKeptAsArtifact(path))
  const artifacts = kept.map(({ path, sha256 }) => ({ path, content: { id: sha256 } }))
  const main = rows.find(({ id }) => id === build.mainBinary)?.path ?? null
  const ours = mainBinaryOf(artifacts)?.path ?? null
  const notes: string[] = []
  if (main !== ours)
    notes.push(`build ${build.uuid}: its main binary is ${ours ?? 'none'} here, ${main ?? 'none'} there`)
  if (inputIdOf(artifacts) !== build.inputId)
    notes.push(`build ${build.uuid}: its input id is another one here`)
  if (kept.length < rows.length)
    notes.push(`build ${build.uuid}: files named README.md or .build-hashes are no artifacts here`)
  if (build.user === null) notes.push(`build ${build.uuid}: its uploader is missing there`)
  return notes
}

const uuidsOf = (page: readonly Row<BuildRow>[]) =>
  page.flatMap((row) => ('value' in row ? [row.value.uuid.toLowerCase()] : []))

function noteBuild(report: BuilderWebReport, row: Row<BuildRow>, outcome: Outcome): void {
  const { build, build_artifact: artifacts } = report.tables
  build.rows += 1
  artifacts.rows += outcome.artifactCount
  if (outcome.kind !== 'refused') {
    build[outcome.kind] += 1
    artifacts[outcome.kind] += outcome.artifactCount
    return
  }
  artifacts.refused += outcome.artifactCount
  const name = 'value' in row ? `build ${row.value.uuid} of job ${row.value.job}` : row.name
  refuse(report, 'build', name, outcome.reason)
}

async function findJobs({ db }: ImportDeps): Promise<Set<string>> {
  const jobs = await db.job.findMany({ select: { name: true } })
  return new Set(jobs.map(({ name }) => name))
}

/** A job is there as soon as it has a build. */
function compareJobs(source: BuilderWebDatabase, { before, taken }: Jobs, report: BuilderWebReport): void {
  const table = report.tables.job
  for (const row of source.jobs()) {
    table.rows += 1
    if ('reason' in row) {
      refuse(report, 'job', row.name, row.reason)
      continue
    }
    const { name } = row.value
    if (before.has(name)) table.present += 1
    else if (taken.has(name)) table.imported += 1
    else report.notes.push(`job ${name} has no build that was taken over: it appears with its first build`)
  }
}

/** Section, synopsis and description are read from the newest opam switch of a job; readmes lie with the builds. */
async function compareTags(
  source: BuilderWebDatabase,
  dataDir: string,
  { before, taken }: Jobs,
  report: BuilderWebReport,
): Promise<void> {
  const table = report.tables.job_tag
  const described = new Map<string, SwitchDescription | null>()
  for (const row of source.tags()) {
    table.rows += 1
    if ('reason' in row) {
      refuse(report, 'job_tag', row.name, row.reason)
      continue
    }
    const { job, tag, value } = row.value
    // The tags of a job come with its builds.
    if (!before.has(job) && !taken.has(job)) continue
    table[before.has(job) ? 'present' : 'imported'] += 1
    if (tag !== 'section' && tag !== 'synopsis' && tag !== 'description') continue
    if (!described.has(job)) described.set(job, await describeJob(source, dataDir, job))
    const ours = described.get(job)?.[tag] ?? ''
    if (ours.trim() !== Buffer.from(value).toString().trim())
      report.notes.push(`job ${job}: the ${tag} is another one here, because its newest opam switch says so`)
  }
}

async function describeJob(
  source: BuilderWebDatabase,
  dataDir: string,
  job: string,
): Promise<SwitchDescription | null> {
  const sha256 = source.newestSwitch(job)
  if (sha256 === null) return null
  try {
    return describeSwitch(await readFile(await artifactFile(dataDir, sha256), 'utf8'))
  } catch (error) {
    // It cannot be read, or parsed: the job has no description then.
    if (error instanceof DomainError || (error instanceof Error && 'syscall' in error)) return null
    throw error
  }
}
