import { createHash } from 'node:crypto'
import { uuidOfText } from '../derived-uuid.ts'
import { printEnvelope, statementPayloadType } from '../formats/signing/dsse.ts'
import { encodeBase64 } from '../formats/signing/base64.ts'
import { keyIdOf, signEnvelope } from '../formats/signing/keys.ts'
import { printStatement, type Subject } from '../formats/signing/statement.ts'
import type { SigningKeyId } from '../ids.ts'
import type { SiteKeys } from '../signing/site-keys.ts'

/** A statement that is signed, not stored yet. */
export type SignedStatement = {
  uuid: string
  keyId: SigningKeyId
  predicateType: string
  envelope: Uint8Array
  envelopeSha256: string
  bundleSignature: string
  bundleKeySha256: string
  subjects: { name: string; sha256: string }[]
}

/** `by`: what a kind of statement is made anew for, such as the policy of a summary. A build has one of each kind and each of these. */
export type StatementToSign = {
  subject: readonly Subject[]
  predicateType: string
  predicate: object
  by?: string
}

/** The address of a statement, which is known before it is signed. */
export const statementUuid = (
  { ATTEST }: Pick<SiteKeys, 'ATTEST'>,
  buildUuid: string,
  { predicateType, by }: Pick<StatementToSign, 'predicateType' | 'by'>,
) =>
  uuidOfText(
    [buildUuid, keyIdOf(ATTEST.privateKey), predicateType, ...(by === undefined ? [] : [by])].join(' '),
  )

/** Signs a statement about a build with the key for statements, and with that for Sigstore. */
export function signStatement(
  { ATTEST, SIGSTORE }: SiteKeys,
  buildUuid: string,
  statement: StatementToSign,
): SignedStatement {
  const body = printStatement(statement)
  const envelope = Buffer.from(printEnvelope(signEnvelope(ATTEST.privateKey, statementPayloadType, body)))
  const [bundled] = signEnvelope(SIGSTORE.privateKey, statementPayloadType, body).signatures
  const { predicateType } = statement
  return {
    uuid: statementUuid({ ATTEST }, buildUuid, statement),
    keyId: ATTEST.id,
    predicateType,
    envelope,
    envelopeSha256: createHash('sha256').update(envelope).digest('hex'),
    bundleSignature: bundled ? encodeBase64(bundled.sig) : '',
    bundleKeySha256: keyIdOf(SIGSTORE.privateKey),
    subjects: statement.subject.map(({ name, digest }) => ({ name, sha256: digest['sha256'] ?? '' })),
  }
}
