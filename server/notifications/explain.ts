import { findContents, isSettled } from '../advisories/find-contents.ts'
import { keyOf, taskOf } from '../analyses/analysis-key.ts'
import type { ConsoleFailure } from '../analyses/failure/analyse-failure.ts'
import { explainFailure, type Failure } from '../analyses/failure/explain-failure.ts'
import { analysedColumns, type AnalysedBuild, type KindRegistry } from '../analyses/kind.ts'
import { stateOf } from '../analyses/load-analyses.ts'
import { consoleFailure, parseStored } from '../analyses/stored-results.ts'
import { toBlobId } from '../blobs/blob-store.ts'
import { unlessDamaged } from '../blobs/checked-stream.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import { findComparedBuilds } from '../diffs/compared-build.ts'
import { diffBuilds } from '../diffs/diff-builds.ts'
import { summarize } from '../diffs/summarize.ts'
import { DomainError } from '../errors.ts'
import type { BuildId, JobId, PlatformId } from '../ids.ts'
import { firstErrorLine } from './cause.ts'
import { nothingKnown, type Explained } from './explained.ts'

type Parts = Pick<Deps, 'blobs' | 'db' | 'log' | 'workers'> & { kinds: KindRegistry }

const columns = {
  ...analysedColumns,
  ...{ id: true, uuid: true, jobId: true, platformId: true, startedAt: true, finishedAt: true },
  ...{ resultKind: true, resultCode: true, resultMessage: true },
} as const

/** Of a build that may have been removed since. The comparison is left out if it cannot be made. */
export async function explainBuild(parts: Parts, uuid: string): Promise<Explained> {
  const build = await parts.db.build.findUnique({ where: { uuid }, select: columns })
  if (!build) return nothingKnown
  const { result, isUnfinished } = await readFailure(parts, build)
  const failure = explainFailure(build, result)
  const excerpt = excerptOf(result, failure)
  return {
    ...{ failure, excerpt, isUnfinished },
    errorLine: firstErrorLine(excerpt) ?? failure?.because ?? null,
    change: await findChange(parts, build),
    issues: await listIssues(parts.db, build.id),
  }
}

type Read = { result: ConsoleFailure | null; isUnfinished: boolean }

async function readFailure({ blobs, db, kinds }: Parts, build: AnalysedBuild): Promise<Read> {
  const definition = kinds.FAILURE
  const key = definition ? keyOf('FAILURE', definition, build) : null
  if (!key) return { result: null, isUnfinished: false }
  const row = await db.queuedTask.findUnique({ where: { kind_key: taskOf(key) } })
  const state = stateOf(kinds, { kind: 'FAILURE', row })
  if (state !== 'READY' || !row?.resultSha256)
    return { result: null, isUnfinished: state === 'PENDING' || state === 'RUNNING' }
  const json = await unlessDamaged(readText(blobs, toBlobId(row.resultSha256)))
  return { result: json === null ? null : parseStored(consoleFailure, json), isUnfinished: false }
}

function excerptOf(result: ConsoleFailure | null, failure: Failure | null): Explained['excerpt'] {
  if (!result || !failure) return null
  if (failure.fromConsole && result.excerpt) return { ...result.excerpt, matchedLine: result.line }
  return result.ending && { ...result.ending, matchedLine: null }
}

async function listIssues(db: Parts['db'], id: BuildId): Promise<string[]> {
  const issues = (await findContents(db, [id])).get(id)?.issues ?? []
  return issues
    .filter((issue) => !isSettled(issue))
    .map(
      ({ id, severity, summary }) =>
        `${id}: ${summary}${severity === null ? '' : ` (${severity.toLowerCase()})`}`,
    )
}

type Started = { id: BuildId; uuid: string; jobId: JobId; platformId: PlatformId; startedAt: Date }

async function findChange(parts: Parts, build: Started): Promise<Explained['change']> {
  const { jobId, platformId, startedAt, uuid } = build
  const before = await parts.db.build.findFirst({
    where: {
      ...{ jobId, platformId, status: 'SUCCEEDED', id: { not: build.id } },
      startedAt: { lte: startedAt },
    },
    orderBy: [{ startedAt: 'desc' }, { id: 'desc' }],
    select: { uuid: true },
  })
  if (!before) return null
  const found = await findComparedBuilds(parts, [before.uuid, uuid])
  const [left, right] = [found.get(before.uuid), found.get(uuid)]
  if (!left || !right) return null
  try {
    const diff = await diffBuilds(parts, left, right)
    const own = right.job
    const changed = diff.inputs.opam?.versionChanged ?? []
    const first = changed.find(({ name }) => name !== own) ?? changed[0]
    return {
      since: before.uuid,
      headline: summarize(diff).headline,
      packageChange: first ? `${first.name} ${first.left} → ${first.right}` : null,
    }
  } catch (error) {
    // Too busy, or an input that takes too long: the mail says the rest.
    if (!(error instanceof DomainError)) throw error
    parts.log.info({ err: error, uuid }, 'builds not compared for a notification')
    return null
  }
}
