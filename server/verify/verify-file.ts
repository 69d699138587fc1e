import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import * as z from 'zod'
import { DomainError, MalformedError } from '../errors.ts'
import { keyIdOf, signersOf, verifyBytes } from '../formats/signing/keys.ts'
import { isAbout, readStatements, type ReadStatement } from '../formats/signing/read-statements.ts'
import { noteKeyId } from '../formats/signing/signed-note.ts'
import { checkProof, isBefore, type Logged } from '../formats/tlog/check-proof.ts'

/** The site has not answered with what is needed to check a file. */
export class NoAnswerError extends DomainError {
  override readonly name = 'NoAnswerError'
}

/** A statement about a file, the ids of the keys that have signed it, and where it is in the log of the site; null: not there yet. */
export type SignedBy = { statement: ReadStatement['statement']; keyIds: string[]; logged: Logged | null }

/** The log of a site does not prove what it should. */
export class LogProofError extends DomainError {
  override readonly name = 'LogProofError'
}

const PublishedKeys = z.object({
  keys: z.array(
    z.looseObject({
      kty: z.string(),
      purpose: z.string().nullish(),
      revokedAt: z.string().nullish(),
      revokedSince: z.string().nullish(),
    }),
  ),
})

const maxAnswerBytes = 64 * 1024 ** 2

/** SHA-256 of a file of any size, in hexadecimal digits. */
export async function hashOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/**
 * The statements of a site about a content that a key of the site has signed; with `keyId`, that key alone. Of a key that was revoked, those
 * count that were in the log before. Throws NoAnswerError, LogProofError.
 */
export async function findSignedStatements(
  url: string,
  sha256: string,
  keyId: string | null,
): Promise<SignedBy[]> {
  const keys = await readKeys(url)
  const wanted = keys.filter(({ purpose, id }) => purpose === 'ATTEST' && (keyId === null || id === keyId))
  const about = readStatements(await textAt(`${url}/hash/${sha256}/attestations`)).filter(({ statement }) =>
    isAbout(statement, sha256),
  )
  const found: SignedBy[] = []
  for (const { envelope, statement, text } of about) {
    const signers = wanted.filter(({ key }) => signersOf(envelope, [key]).length > 0)
    if (signers.length === 0) continue
    const logged = await findInLog(url, text, keys)
    const valid = signers.filter(
      ({ revokedAt, revokedSince }) => !revokedAt || isBefore(logged, revokedSince),
    )
    if (valid.length > 0) found.push({ statement, keyIds: valid.map(({ id }) => id), logged })
  }
  return found
}

type PublishedKey = {
  id: string
  key: KeyObject
  purpose: string | null | undefined
  revokedAt: string | null | undefined
  revokedSince: string | null | undefined
}

async function readKeys(url: string): Promise<PublishedKey[]> {
  const address = `${url}/keys.json`
  try {
    const { keys } = PublishedKeys.parse(JSON.parse(await textAt(address)))
    return keys
      .filter(({ kty }) => kty === 'OKP')
      .map((jwk) => {
        const key = createPublicKey({ key: jwk, format: 'jwk' })
        const { purpose, revokedAt, revokedSince } = jwk
        return { id: keyIdOf(key), key, purpose, revokedAt, revokedSince }
      })
  } catch (error) {
    if (error instanceof NoAnswerError) throw error
    throw new NoAnswerError(`${address} has no keys of a Builder Hub: check the address`, { cause: error })
  }
}

/** Where the log of the site has an envelope. Null: nowhere yet. Throws LogProofError if the proof is none. */
async function findInLog(
  url: string,
  envelope: string,
  keys: readonly PublishedKey[],
): Promise<Logged | null> {
  const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest()
  const envelopeSha256 = digest(Buffer.from(envelope)).toString('hex')
  const address = `${url}/log/proof/${envelopeSha256}`
  const response = await answerOf(address)
  if (response.status === 404) return null
  if (!response.ok) throw new NoAnswerError(`${address} answers ${response.status}`)
  const ofLog = keys.filter(({ purpose, revokedAt }) => purpose === 'LOG' && !revokedAt)
  try {
    return await checkProof(
      digest,
      (text, { name, id, sig }, origin) =>
        Promise.resolve(
          name === origin &&
            ofLog.some(
              ({ key }) => noteKeyId({ name, key }).equals(id) && verifyBytes(key, Buffer.from(text), sig),
            ),
        ),
      { proof: await response.text(), envelopeSha256 },
    )
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    throw new LogProofError(`the log of ${url} does not prove that it has a statement: ${error.message}`, {
      cause: error,
    })
  }
}

async function answerOf(address: string): Promise<Response> {
  try {
    return await fetch(address)
  } catch (error) {
    throw new NoAnswerError(`${address} cannot be reached: ${causeOf(error)}`, { cause: error })
  }
}

async function textAt(address: string): Promise<string> {
  const response = await answerOf(address)
  if (!response.ok) throw new NoAnswerError(`${address} answers ${response.status}: check the address`)
  const text = await response.text()
  if (text.length > maxAnswerBytes) throw new NoAnswerError(`${address} answers with more than 64 MiB`)
  return text
}

const causeOf = (error: unknown): string =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
