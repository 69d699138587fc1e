import { toBlobId } from '../blobs/blob-store.ts'
import { missingBlob } from '../blobs/checked-stream.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import type { Reader } from '../database/reader.ts'
import { maxEnvelopeBytes } from '../formats/signing/dsse.ts'
import type { BuildId } from '../ids.ts'

/** Envelopes that one answer has, the newest of those there are. */
export const maxEnvelopes = 50

const selected = { uuid: true, predicateType: true, envelopeSha256: true, envelopeSizeBytes: true } as const
const order = { orderBy: { id: 'asc' }, take: maxEnvelopes } as const

export type StoredEnvelope = Awaited<ReturnType<typeof listOfBuild>>[number]

export const listOfBuild = (db: Reader, buildId: BuildId) =>
  db.attestation.findMany({ ...order, where: { buildId }, select: selected })

/** Statements about an artifact of a build, by its path. */
export const listOfArtifact = (db: Reader, buildId: BuildId, name: string) =>
  db.attestation.findMany({ ...order, where: { buildId, subjects: { some: { name } } }, select: selected })

/** Statements about a content, whatever build they are of, the newest first. */
export async function listOfContent(db: Reader, sha256: string): Promise<StoredEnvelope[]> {
  const subjects = await db.attestationSubject.findMany({
    where: { sha256 },
    orderBy: [{ attestationId: 'desc' }, { name: 'asc' }],
    // A statement may name a content twice.
    take: 2 * maxEnvelopes,
    select: { attestation: { select: selected } },
  })
  return [...new Map(subjects.map(({ attestation }) => [attestation.uuid, attestation])).values()].slice(
    0,
    maxEnvelopes,
  )
}

/** The text of an envelope. */
export async function readEnvelope(
  { blobs }: Pick<Deps, 'blobs'>,
  { envelopeSha256 }: Pick<StoredEnvelope, 'envelopeSha256'>,
): Promise<string> {
  const text = await readText(blobs, toBlobId(envelopeSha256), maxEnvelopeBytes)
  if (text === null) throw missingBlob(toBlobId(envelopeSha256))
  return text
}
