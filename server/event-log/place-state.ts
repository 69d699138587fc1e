import type { Reader } from '../database/reader.ts'
import { Prisma } from '../generated/prisma/client.ts'
import type { Place } from '../facts/place-build.ts'

/** What events say of a build that was the newest. */
export type EarlierBuild = { uuid: string; startedAt: Date; status: string; verdict: string }

/** What a job on a platform was like before a build arrived. */
export type PlaceState = {
  /** The newest build; null: there is none. */
  newest: EarlierBuild | null
  /** The newest one with a main binary. `sha256` is that of the main binary, as hex. */
  newestOutput: { uuid: string; startedAt: Date; sha256: string } | null
  /** The heading of the job. */
  section: string | null
  /** Whether anybody is told of events. */
  isHeard: boolean
}

type Row = {
  section: string | null
  isHeard: boolean | number
  uuid: string | null
  startedAt: Date
  status: string
  verdict: string
  outputUuid: string | null
  outputStartedAt: Date
  sha256: string
}

/** Raw SQL: one statement, each part of which is a look-up by a key. */
export async function readPlaceState(db: Reader, { jobId, platformId }: Place): Promise<PlaceState> {
  const [row] = await db.$queryRaw<Row[]>(
    Prisma.sql`SELECT COALESCE(j."operatorSection", j.section) AS section,
        EXISTS (SELECT 1 FROM "WebhookEndpoint" e WHERE e.state = 'ENABLED') AS "isHeard",
        b.uuid AS uuid, b."startedAt" AS "startedAt", b.status AS status, b.verdict AS verdict,
        o.uuid AS "outputUuid", o."startedAt" AS "outputStartedAt", o."mainBinarySha256" AS sha256
      FROM "Job" j LEFT JOIN "JobPlatform" p ON p."jobId" = j.id AND p."platformId" = ${platformId}
        LEFT JOIN "Build" b ON b.id = p."newestBuildId" LEFT JOIN "Build" o ON o.id = p."newestMainBinaryId"
      WHERE j.id = ${jobId}`,
  )
  if (!row) throw new Error(`there is no job ${jobId}`)
  const { section, isHeard, uuid, startedAt, status, verdict, outputUuid, outputStartedAt, sha256 } = row
  return {
    section,
    isHeard: Boolean(isHeard),
    newest: uuid === null ? null : { uuid, startedAt, status, verdict },
    newestOutput: outputUuid === null ? null : { uuid: outputUuid, startedAt: outputStartedAt, sha256 },
  }
}
