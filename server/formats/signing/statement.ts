import { MalformedError } from '../../errors.ts'
import { asList, asObject, asText, parseStrictJson, type JsonObject } from './strict-json.ts'

// Browsers and Node.js both run this file.

/** What a statement is about: content, known by its hashes alone. The name is for people. */
export type Subject = { name: string; digest: Record<string, string> }

/** An in-toto Statement: a claim (`predicate`, of the kind `predicateType`) about subjects. */
export type Statement = { subject: Subject[]; predicateType: string; predicate: JsonObject }

export const statementType = 'https://in-toto.io/Statement/v1'

/** Kinds of statements that the hub writes. */
export const predicateTypes = {
  provenance: 'https://slsa.dev/provenance/v1',
  testResult: 'https://in-toto.io/attestation/test-result/v0.1',
  verificationSummary: 'https://slsa.dev/verification_summary/v1',
} as const

const maxStatementBytes = 1024 ** 2
const maxSubjects = 1_024
const format = 'in-toto statement'

/** Reads the body of an envelope. Throws MalformedError. Source: in-toto attestation, spec/v1/statement.md. */
export function parseStatement(body: Uint8Array): Statement {
  const statement = asObject(parseStrictJson(body, format, maxStatementBytes), format, 'it')
  if (statement['_type'] !== statementType)
    throw new MalformedError(format, 0, `_type is not ${statementType}`)
  const subject = asList(statement['subject'], format, 'subject', maxSubjects).map((one) => {
    const fields = asObject(one, format, 'a subject')
    const digest = asObject(fields['digest'], format, 'digest')
    const digests = Object.entries(digest).map(([algorithm, value]) => {
      const hash = asText(value, format, 'a digest')
      if (!/^[0-9a-f]+$/.test(hash))
        throw new MalformedError(format, 0, 'a digest has other characters than 0-9 and a-f')
      return [algorithm, hash] as const
    })
    if (digests.length === 0) throw new MalformedError(format, 0, 'a subject has no digest')
    return { name: asText(fields['name'] ?? '', format, 'name'), digest: Object.fromEntries(digests) }
  })
  if (subject.length === 0) throw new MalformedError(format, 0, 'it has no subject')
  return {
    subject,
    predicateType: asText(statement['predicateType'], format, 'predicateType'),
    predicate: asObject(statement['predicate'] ?? {}, format, 'predicate'),
  }
}

/** The statement as JSON in UTF-8, with its fields in the order of the specification: equal facts give equal bytes. */
export function printStatement(statement: {
  subject: readonly Subject[]
  predicateType: string
  predicate: object
}): Uint8Array<ArrayBuffer> {
  const { subject, predicateType, predicate } = statement
  return new TextEncoder().encode(JSON.stringify({ _type: statementType, subject, predicateType, predicate }))
}
