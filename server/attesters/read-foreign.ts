import type { KeyObject } from 'node:crypto'
import { MalformedError } from '../errors.ts'
import { maxEnvelopeBytes, parseEnvelope, statementPayloadType } from '../formats/signing/dsse.ts'
import { inTotoKeyId } from '../formats/signing/in-toto-key.ts'
import { keyIdOf, signersOf } from '../formats/signing/keys.ts'
import { parseLink, signersOfMetadata } from '../formats/signing/link.ts'
import { parseStatement, predicateTypes, type Statement } from '../formats/signing/statement.ts'
import { asObject, parseStrictJson, type Json } from '../formats/signing/strict-json.ts'

/** What a statement says of its subjects: that a build made them, that a rebuild did not, or something else. */
export type Claim = 'MADE' | 'DIFFERS' | 'OTHER'

/** A statement of a third party, as read. Nothing is verified yet. */
export type ForeignStatement = {
  format: 'DSSE' | 'LINK'
  /** JSON in one line. */
  text: string
  predicateType: string
  claim: Claim
  inputId: string | null
  subjects: { name: string; sha256: string }[]
  /** The ids of keys that signatures name: hints alone. */
  hints: string[]
  /** Those of the keys that have signed it. */
  signersAmong: (keys: readonly KeyObject[]) => KeyObject[]
}

/** The kind of statement that a link of in-toto's first format is. */
export const linkType = 'https://in-toto.io/attestation/link/v0.3'

const maxSubjects = 1_024
const format = 'attestation'

/** Reads a DSSE envelope with an in-toto statement, or a link of in-toto's first format. Throws MalformedError. */
export function readForeign(bytes: Uint8Array): ForeignStatement {
  const file = asObject(parseStrictJson(bytes, format, maxEnvelopeBytes), format, 'it')
  const text = JSON.stringify(file)
  return 'signed' in file ? readLink(bytes, text) : readEnvelope(bytes, text)
}

/** Whether a signature names this key, by either of its ids. */
export const isHinted = ({ hints }: Pick<ForeignStatement, 'hints'>, key: KeyObject): boolean =>
  hints.includes(keyIdOf(key)) || (key.asymmetricKeyType === 'ed25519' && hints.includes(inTotoKeyId(key)))

function readEnvelope(bytes: Uint8Array, text: string): ForeignStatement {
  const envelope = parseEnvelope(bytes)
  if (envelope.payloadType !== statementPayloadType)
    throw new MalformedError(format, 0, `payloadType is not ${statementPayloadType}`)
  const statement = parseStatement(envelope.body)
  return {
    ...{ format: 'DSSE', text, predicateType: statement.predicateType, claim: claimOf(statement) },
    inputId: inputIdOf(statement),
    subjects: subjectsOf(statement.subject.map(({ name, digest }) => ({ name, sha256: digest['sha256'] }))),
    hints: envelope.signatures.map(({ keyid }) => keyid),
    signersAmong: (keys) => signersOf(envelope, keys),
  }
}

function readLink(bytes: Uint8Array, text: string): ForeignStatement {
  const { link, ...file } = parseLink(bytes)
  const products = Object.entries(link.products).map(([name, digests]) => ({
    name,
    sha256: digests['sha256'],
  }))
  return {
    ...{ format: 'LINK', text, predicateType: linkType, claim: 'MADE', inputId: null },
    subjects: subjectsOf(products),
    hints: file.signatures.map(({ keyid }) => keyid),
    signersAmong: (keys) =>
      signersOfMetadata(
        file,
        keys.filter(({ asymmetricKeyType }) => asymmetricKeyType === 'ed25519'),
      ),
  }
}

/** Subjects by SHA-256, each name once: what has no such hash cannot be known here. Throws MalformedError. */
function subjectsOf(found: readonly { name: string; sha256: string | undefined }[]) {
  if (found.length > maxSubjects)
    throw new MalformedError(format, 0, `it has more than ${maxSubjects} subjects`)
  const names = new Map<string, string>()
  for (const { name, sha256 } of found) {
    if (sha256 === undefined || !/^[0-9a-f]{64}$/.test(sha256)) continue
    if (name.includes('\0')) throw new MalformedError(format, 0, 'a name has a NUL character')
    const own = names.get(name) === undefined || names.get(name) === sha256 ? name : `${name} ${sha256}`
    names.set(own, sha256)
  }
  if (names.size === 0) throw new MalformedError(format, 0, 'no subject has a SHA-256')
  return [...names].map(([name, sha256]) => ({ name, sha256 }))
}

function claimOf({ predicateType, predicate }: Statement): Claim {
  if (predicateType === predicateTypes.testResult)
    return predicate['result'] === 'FAILED' ? 'DIFFERS' : 'OTHER'
  const isMade =
    predicateType.startsWith('https://slsa.dev/provenance/') ||
    predicateType.startsWith('https://in-toto.io/attestation/link/')
  return isMade ? 'MADE' : 'OTHER'
}

/** Where provenance of a hub, or of `hub attest`, has it. */
function inputIdOf({ predicate }: Statement): string | null {
  const id = at(at(at(predicate, 'buildDefinition'), 'internalParameters'), 'inputId')
  return typeof id === 'string' && /^[0-9a-f]{64}$/.test(id) ? id : null
}

function at(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value[name] : undefined
}
