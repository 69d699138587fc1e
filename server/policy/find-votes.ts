import type { Reader } from '../database/reader.ts'
import type { JobId, PlatformId } from '../ids.ts'
import type { Vote } from './judge.ts'
import type { Policy } from './policy-file.ts'

/** Distinct combinations of job, platform, input and uploader that are read of one output. */
const maxRows = 2_000
/** Statements of third parties about one output. */
const maxAttestations = 500

/** Where an output came from: each is judged by the rule for it. */
export type PlaceOfOutput = { jobId: JobId; platformId: PlatformId; job: string; platform: string }

/** All that is known about an output: who has it, who got another one from the same inputs, and where it came from. */
export type KnownOutput = { votes: Vote[]; against: Vote[]; places: PlaceOfOutput[] }

/**
 * Reads the votes about a main binary. Without a policy, each user is a group of his own, and a key belongs to the user who has registered it.
 * `otherOutputs` are those that the same inputs gave.
 */
export async function findVotes(
  db: Reader,
  policy: Policy | null,
  sha256: string,
): Promise<KnownOutput & { otherOutputs: string[] }> {
  const uploads = await readUploads(db, policy, { mainBinarySha256: sha256 })
  const inputIds = [...new Set(uploads.flatMap(({ vote }) => vote.inputId ?? []))]
  const rivals =
    inputIds.length === 0
      ? []
      : await readUploads(db, policy, { inputId: { in: inputIds }, mainBinarySha256: { not: sha256 } })
  const attestations = await readAttestations(db, policy, sha256, inputIds)
  const places = new Map(uploads.map(({ place }) => [`${place.jobId} ${place.platformId}`, place]))
  return {
    votes: [...uploads.map(({ vote }) => vote), ...attestations.votes],
    against: [...rivals.map(({ vote }) => vote), ...attestations.against],
    places: [...places.values()],
    otherOutputs: [...new Set(rivals.flatMap(({ output }) => output ?? []))],
  }
}

type Upload = { vote: Vote; place: PlaceOfOutput; output: string | null }

async function readUploads(
  db: Reader,
  policy: Policy | null,
  where: { mainBinarySha256: string } | { inputId: { in: string[] }; mainBinarySha256: { not: string } },
): Promise<Upload[]> {
  const groups = await db.build.groupBy({
    by: ['jobId', 'platformId', 'inputId', 'uploaderId', 'mainBinarySha256'],
    where: { AND: [where, { mainBinarySha256: { not: null } }] },
    _max: { id: true, receivedAt: true },
    orderBy: { _max: { id: 'desc' } },
    take: maxRows,
  })
  if (groups.length === 0) return []
  const builds = await db.build.findMany({
    where: { id: { in: groups.flatMap(({ _max }) => _max.id ?? []) } },
    select: {
      ...{ id: true, uuid: true },
      job: { select: { name: true } },
      platform: { select: { name: true } },
      uploader: { select: { name: true } },
    },
  })
  const byId = new Map(builds.map((build) => [build.id, build]))
  return groups.flatMap(({ _max, jobId, platformId, inputId, mainBinarySha256 }): Upload[] => {
    const build = _max.id === null ? undefined : byId.get(_max.id)
    if (!build || _max.receivedAt === null) return []
    const [job, platform, user] = [build.job.name, build.platform.name, build.uploader?.name ?? null]
    return [
      {
        place: { jobId, platformId, job, platform },
        output: mainBinarySha256,
        vote: {
          ...{ kind: 'UPLOAD', attester: user ?? 'unknown', job, platform, inputId },
          group: user === null ? null : policy ? (policy.groupOfUser.get(user) ?? null) : user,
          ...{ at: _max.receivedAt, build: build.uuid, attestation: null, isRevoked: false },
        },
      },
    ]
  })
}

const attestationColumns = {
  ...{ uuid: true, claim: true, inputId: true, statedAt: true },
  trustedKey: {
    select: { sha256: true, name: true, revokedAt: true, user: { select: { name: true } } },
  },
} as const

/** Statements of third parties: that a build made the output, that a rebuild did not, or that these inputs made something else. */
async function readAttestations(
  db: Reader,
  policy: Policy | null,
  sha256: string,
  inputIds: string[],
): Promise<{ votes: Vote[]; against: Vote[] }> {
  const about = await db.attestation.findMany({
    where: { origin: 'THIRD_PARTY', subjects: { some: { sha256 } } },
    orderBy: { id: 'desc' },
    take: maxAttestations,
    select: attestationColumns,
  })
  const elsewhere =
    inputIds.length === 0
      ? []
      : await db.attestation.findMany({
          where: { claim: 'MADE', inputId: { in: inputIds }, subjects: { none: { sha256 } } },
          orderBy: { id: 'desc' },
          take: maxAttestations,
          select: attestationColumns,
        })
  const voteOf = ({ uuid, inputId, statedAt, trustedKey }: (typeof about)[number]): Vote[] => {
    if (!trustedKey) return []
    const listed = policy?.keys.get(trustedKey.sha256)
    const own = policy ? (listed?.group ?? null) : (trustedKey.user?.name ?? null)
    return [
      {
        ...{ kind: 'ATTESTATION', attester: listed?.name ?? trustedKey.name, group: own },
        ...{ job: null, platform: null, inputId, at: statedAt, build: null, attestation: uuid },
        isRevoked: trustedKey.revokedAt !== null,
      },
    ]
  }
  return {
    votes: about.filter(({ claim }) => claim === 'MADE').flatMap(voteOf),
    against: [...about.filter(({ claim }) => claim === 'DIFFERS'), ...elsewhere].flatMap(voteOf),
  }
}
