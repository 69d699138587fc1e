import { compareBytes } from '../compare-bytes.ts'
import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { BuildId } from '../ids.ts'
import { identityOfEntry, type EntryIdentity } from '../package-sets/entry-identity.ts'
import { isJobOf } from '../users/scopes.ts'
import type { VexJustification, VexStatus } from './vex.ts'

const { sql, join } = Prisma

/** A package in a build that an advisory is about. */
export type AffectedPackage = {
  name: string
  version: string
  identifiedBy: EntryIdentity
  /** False: it only served to build. */
  isRequired: boolean
  /** Functions with the issue, as paths of OCaml; empty: the advisory names none. */
  bindings: string[]
}

/** What the operator says of an advisory and a build. */
export type VexFacts = {
  status: VexStatus
  justification: VexJustification | null
  note: string | null
  statedAt: Date
}

/** A known issue of a build. */
export type BuildIssue = {
  id: string
  summary: string
  severity: string | null
  score: number | null
  packages: AffectedPackage[]
  vex: VexFacts | null
  /** The first later build of the job on the platform that has not got the issue. */
  fixedIn: { uuid: string; startedAt: Date } | null
}

/** What is known of the packages in a build. */
export type BuildContents = {
  /** Name of the job. */
  job: string
  componentCount: number
  unidentifiedCount: number
  /** False: no advisory was ever imported, so that nothing is known. */
  hasAdvisories: boolean
  issues: BuildIssue[]
}

type Row = {
  buildId: BuildId
  job: string
  componentCount: number
  unidentifiedCount: number
  hasAdvisories: boolean | number
  advisoryId: string | null
  summary: string
  severity: string | null
  score: number | null
  name: string
  version: string
  identifiedBy: EntryIdentity
  isRequired: boolean | number
  bindings: string | null
  fixedUuid: string | null
  fixedStartedAt: Date | null
  vexId: number | null
  vexJobs: string | null
  vexStatus: VexStatus | null
  vexJustification: VexJustification | null
  vexNote: string | null
  vexStatedAt: Date | null
}

/** One statement for all of them. Builds whose packages are not known, or not yet, are absent. */
export async function findContents(
  db: Reader,
  buildIds: readonly BuildId[],
): Promise<Map<BuildId, BuildContents>> {
  const found = new Map<BuildId, BuildContents>()
  if (buildIds.length === 0) return found
  // A build after this one, of the same job and platform, in whose set the advisory has no match.
  const fixed = sql`SELECT n.id FROM "Build" n JOIN "PackageSet" t ON t.sha256 = n."opamSwitchSha256"
    WHERE n."jobId" = b."jobId" AND n."platformId" = b."platformId" AND n.status = 'SUCCEEDED'
      AND n."startedAt" > b."startedAt" AND NOT EXISTS (
        SELECT 1 FROM "AdvisoryMatch" o WHERE o."setId" = t.id AND o."advisoryId" = m."advisoryId")
    ORDER BY n."startedAt", n.id LIMIT 1`
  const rows = await db.$queryRaw<Row[]>(
    sql`SELECT b.id AS "buildId", j.name AS job, s."componentCount", s."unidentifiedCount",
        EXISTS (SELECT 1 FROM "Advisory") AS "hasAdvisories", m."advisoryId", a.summary, a.severity, a.score, v.name, v.version,
        ${identityOfEntry} AS "identifiedBy", e."isRequired", p.bindings, f.uuid AS "fixedUuid", f."startedAt" AS "fixedStartedAt",
        x.id AS "vexId", x.jobs AS "vexJobs", x.status AS "vexStatus", x.justification AS "vexJustification", x.note AS "vexNote", x."statedAt" AS "vexStatedAt"
      FROM "Build" b JOIN "Job" j ON j.id = b."jobId" JOIN "PackageSet" s ON s.sha256 = b."opamSwitchSha256"
        LEFT JOIN "AdvisoryMatch" m ON m."setId" = s.id
        LEFT JOIN "Advisory" a ON a.id = m."advisoryId"
        LEFT JOIN "PackageVersion" v ON v.id = m."packageVersionId"
        LEFT JOIN "PackageSetEntry" e ON e."setId" = s.id AND e."packageVersionId" = v.id
        LEFT JOIN "AdvisoryPackage" p ON p."advisoryId" = a.id AND p.ecosystem = v.ecosystem AND p.name = v.name
        LEFT JOIN "VexStatement" x ON x."advisoryId" = a.id
        LEFT JOIN "Build" f ON m."advisoryId" IS NOT NULL AND f.id = (${fixed})
      WHERE b.id IN (${join(buildIds)})`,
  )
  for (const row of rows.toSorted(worstFirst)) {
    const contents = found.get(row.buildId) ?? {
      job: row.job,
      componentCount: row.componentCount,
      unidentifiedCount: row.unidentifiedCount,
      hasAdvisories: Boolean(row.hasAdvisories),
      issues: [],
    }
    found.set(row.buildId, contents)
    if (row.advisoryId !== null) addIssue(contents, row.advisoryId, row)
  }
  return found
}

/** The worst issues first, those without a score last; what was said of an issue, in the order it was said. */
function worstFirst(one: Row, other: Row): number {
  return (
    (other.score ?? -1) - (one.score ?? -1) ||
    compareBytes(one.advisoryId ?? '', other.advisoryId ?? '') ||
    compareBytes(one.name, other.name) ||
    compareBytes(one.version, other.version) ||
    (one.vexId ?? 0) - (other.vexId ?? 0)
  )
}

function addIssue({ issues }: BuildContents, id: string, row: Row): void {
  let issue = issues.find((one) => one.id === id)
  if (!issue) {
    const { summary, severity, score, fixedUuid, fixedStartedAt } = row
    const fixedIn =
      fixedUuid !== null && fixedStartedAt ? { uuid: fixedUuid, startedAt: fixedStartedAt } : null
    issue = { id, summary, severity, score, packages: [], vex: null, fixedIn }
    issues.push(issue)
  }
  const { name, version, identifiedBy } = row
  if (!issue.packages.some((one) => one.name === name && one.version === version))
    issue.packages.push({
      ...{ name, version, identifiedBy, isRequired: Boolean(row.isRequired) },
      bindings: row.bindings === null ? [] : (JSON.parse(row.bindings) as string[]),
    })
  // What was said of one job by its name counts more than what was said of several.
  const isOwn = row.vexJobs === row.job
  if (row.vexStatus !== null && row.vexJobs !== null && isJobOf(row.vexJobs, row.job))
    if (!issue.vex || isOwn)
      issue.vex = {
        ...{ status: row.vexStatus, justification: row.vexJustification, note: row.vexNote },
        statedAt: row.vexStatedAt ?? new Date(0),
      }
}

/** Whether the operator has said that an issue is none for this build. */
export const isSettled = ({ vex }: Pick<BuildIssue, 'vex'>): boolean =>
  vex?.status === 'NOT_AFFECTED' || vex?.status === 'FIXED'

/** The first later build that has none of the issues that count. Null: there are none, or no such build. */
export function fixOf({ issues }: Pick<BuildContents, 'issues'>): BuildIssue['fixedIn'] {
  const open = issues.filter((issue) => !isSettled(issue))
  const fixes = open.flatMap(({ fixedIn }) => fixedIn ?? [])
  if (fixes.length < open.length) return null
  return fixes.toSorted((l, r) => Number(r.startedAt) - Number(l.startedAt))[0] ?? null
}
