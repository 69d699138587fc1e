import { checkProof, isBefore, noteKeyBytes, type Logged } from '../../server/formats/tlog/check-proof.ts'
import { preAuthEncoding } from '../../server/formats/signing/dsse.ts'
import { isAbout, readStatements, type ReadStatement } from '../../server/formats/signing/read-statements.ts'

/** A public key of the site, as `/keys.json` has it. */
export type SiteKey = {
  kty: string
  crv: string
  x: string
  purpose: string
  revokedAt: string | null
  revokedSince?: string | null
}

/** A step of a check, and how it ended. */
export type Step = { outcome: 'good' | 'bad' | 'open'; text: string }

/** The steps, the ids of the keys that have signed, and the statements that are good. */
export type Checked = { steps: Step[]; keyIds: string[]; statements: ReadStatement[] }

/** This browser cannot check Ed25519 signatures, or not on this page. The message says so. */
export class CannotCheckError extends Error {
  override readonly name = 'CannotCheckError'
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes. Source: RFC 8410. */
const spkiStart = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

const hex = (bytes: ArrayBuffer) =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** SHA-256 of a file, in hexadecimal digits. The file does not leave the browser. */
export async function hashFile(file: Blob): Promise<string> {
  if (!globalThis.isSecureContext) throw new CannotCheckError('Browsers check files on https pages only.')
  return hex(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()))
}

const rawOf = ({ x }: SiteKey) =>
  Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0))

const digest = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** The id of a key is computed here: what a site says of its keys is not believed. */
const keyIdOf = async (key: SiteKey): Promise<string> =>
  hex(await crypto.subtle.digest('SHA-256', Uint8Array.from([...spkiStart, ...rawOf(key)])))

async function importKey({ kty, crv, x }: SiteKey): Promise<CryptoKey> {
  try {
    return await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify'])
  } catch {
    throw new CannotCheckError('This browser does not know Ed25519 signatures.')
  }
}

/**
 * Checks whether one of the keys has signed a statement about a content. `lines`: envelopes. `pinned`: the id of the key that the visitor
 * expects; null: none yet. `findProof`: what the log of the site has about an envelope; null: nothing yet.
 */
export async function checkContent(
  sha256: string,
  lines: string,
  keys: readonly SiteKey[],
  pinned: string | null,
  findProof: (envelopeSha256: string) => Promise<string | null>,
): Promise<Checked> {
  const steps: Step[] = [{ outcome: 'good', text: `Your file has the SHA-256 ${sha256}.` }]
  const about = readStatements(lines).filter(({ statement }) => isAbout(statement, sha256))
  if (about.length === 0) {
    steps.push({
      outcome: 'bad',
      text: 'This site has signed nothing about this content. It is another file, or it was changed.',
    })
    return { steps, keyIds: [], statements: [] }
  }
  const known = await Promise.all(
    keys
      .filter(({ kty, purpose }) => kty === 'OKP' && purpose === 'ATTEST')
      .map(async (key) => ({ key, id: await keyIdOf(key), imported: await importKey(key) })),
  )
  const signed: { read: ReadStatement; id: string }[] = []
  const places = new Map<ReadStatement, Logged | null | 'bad'>()
  let revokedCount = 0
  for (const read of about) {
    const { payloadType, body, signatures } = read.envelope
    const bytes = preAuthEncoding(payloadType, body)
    for (const { key, id, imported } of known)
      for (const { sig } of signatures)
        if (await crypto.subtle.verify('Ed25519', imported, sig, bytes)) {
          const place = places.get(read) ?? (await findInLog(read, keys, findProof))
          places.set(read, place)
          const isValid = key.revokedAt === null || (place !== 'bad' && isBefore(place, key.revokedSince))
          if (isValid) signed.push({ read, id })
          else revokedCount++
        }
  }
  const keyIds = [...new Set(signed.map(({ id }) => id))]
  const statements = [...new Set(signed.map(({ read }) => read))]
  const count = (n: number) => (n === 1 ? '1 statement' : `${n} statements`)
  const revoked = revokedCount === 0 ? '' : ` ${count(revokedCount)} by a revoked key: they prove nothing.`
  if (statements.length === 0)
    return {
      steps: [
        ...steps,
        { outcome: 'bad', text: `No statement about it has a good signature of this site.${revoked}` },
      ],
      ...{ keyIds, statements },
    }
  steps.push({
    outcome: 'good',
    text: `${count(statements.length)} about it with a good signature.${revoked}`,
  })
  steps.push(...keyIds.map((id) => keyStep(id, pinned)))
  steps.push(logStep(statements.map((read) => places.get(read) ?? null)))
  return { steps, keyIds, statements }
}

/** Where the log has an envelope; null: nowhere yet. */
async function findInLog(
  { text }: ReadStatement,
  keys: readonly SiteKey[],
  findProof: (envelopeSha256: string) => Promise<string | null>,
): Promise<Logged | null | 'bad'> {
  const envelopeSha256 = hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  const proof = await findProof(envelopeSha256)
  if (proof === null) return null
  const ofLog = keys.filter(({ purpose, revokedAt }) => purpose === 'LOG' && revokedAt === null)
  try {
    return await checkProof(
      digest,
      async (signedText, { name, id, sig }, origin) => {
        if (name !== origin) return false
        for (const key of ofLog) {
          const keyHash = await digest(noteKeyBytes(name, rawOf(key)))
          if (hex(keyHash.slice(0, 4).buffer) !== hex(id.slice().buffer)) continue
          const bytes = new TextEncoder().encode(signedText)
          if (await crypto.subtle.verify('Ed25519', await importKey(key), sig, bytes)) return true
        }
        return false
      },
      { proof, envelopeSha256 },
    )
  } catch {
    return 'bad'
  }
}

function logStep(places: readonly (Logged | null | 'bad')[]): Step {
  if (places.includes('bad'))
    return {
      outcome: 'bad',
      text: 'The public log of this site does not prove what it should. Ask the operator, and others who follow the log.',
    }
  const logged = places.filter((place) => place !== null && place !== 'bad')
  const [first] = logged
  if (!first)
    return {
      outcome: 'open',
      text: 'The public log of this site does not have it yet. Check again in a minute.',
    }
  const entries = logged.map(({ index }) => index).join(', ')
  const { origin, size } = first.checkpoint
  return {
    outcome: 'good',
    text: `In the public log ${origin}, as ${logged.length === 1 ? 'entry' : 'entries'} ${entries} of ${size}: this site cannot take it back unseen.`,
  }
}

function keyStep(id: string, pinned: string | null): Step {
  if (pinned === null)
    return { outcome: 'open', text: `Signed by the key ${id}. You have no key saved to compare it with.` }
  return id === pinned
    ? { outcome: 'good', text: `Signed by the key that you have saved, ${id}.` }
    : {
        outcome: 'bad',
        text: `Signed by the key ${id}, and you have saved ${pinned}. Either the site has a new key (the page Keys says so), or this is another site.`,
      }
}

/** A statement in words. */
export function describeStatement({ statement: { predicateType, predicate } }: ReadStatement): string {
  if (predicateType.startsWith('https://slsa.dev/verification_summary/'))
    return 'Another builder has made the same file from the same inputs, and nobody has made another one.'
  if (predicateType.startsWith('https://in-toto.io/attestation/test-result/'))
    return 'A rebuild from the same inputs gave another file.'
  const definition = asRecord(predicate['buildDefinition'])
  const details = asRecord(predicate['runDetails'])
  const { job, platform } = asRecord(definition['externalParameters'])
  const { id } = asRecord(details['builder'])
  const { startedOn } = asRecord(details['metadata'])
  const builder = String(id).split('/').at(-1)
  return `Builder ${builder} made it in the job ${String(job)} on ${String(platform)}, begun ${String(startedOn)}.`
}

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
