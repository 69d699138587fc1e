import { parseEnvelope, statementPayloadType, type Envelope } from './dsse.ts'
import { parseStatement, type Statement } from './statement.ts'

// Browsers and Node.js both run this file.

/** An envelope, its bytes as a text, and the statement whose bytes are signed in it. Nothing is verified yet. */
export type ReadStatement = { text: string; envelope: Envelope; statement: Statement }

/** Reads envelopes, one a line. Lines that are no in-toto statement are left out: a list of them is not signed as a whole. */
export function readStatements(lines: string): ReadStatement[] {
  return lines.split('\n').flatMap((line): ReadStatement[] => {
    if (line.trim() === '') return []
    try {
      const envelope = parseEnvelope(new TextEncoder().encode(line))
      if (envelope.payloadType !== statementPayloadType) return []
      return [{ text: line, envelope, statement: parseStatement(envelope.body) }]
    } catch {
      return []
    }
  })
}

/** Whether a statement is about a content. Names do not count. */
export const isAbout = ({ subject }: Statement, sha256: string): boolean =>
  subject.some(({ digest }) => digest['sha256'] === sha256)
