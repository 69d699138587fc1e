import { MalformedError } from '../../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { asList, asObject, asText, parseStrictJson } from './strict-json.ts'

// Browsers and Node.js both run this file: it knows bytes and texts, and no keys.

/** A signature in an envelope. `keyid` is a hint: only the key says who has signed. */
export type EnvelopeSignature = { keyid: string; sig: Uint8Array<ArrayBuffer> }

/** A DSSE envelope as read: `body` has the bytes that are signed, together with `payloadType`. */
export type Envelope = {
  payloadType: string
  body: Uint8Array<ArrayBuffer>
  signatures: EnvelopeSignature[]
}

/** The type of the payload of every in-toto Statement. */
export const statementPayloadType = 'application/vnd.in-toto+json'

export const maxEnvelopeBytes = 1024 ** 2
export const maxSignatures = 16

const format = 'DSSE envelope'

/** The bytes that a signature is over. Lengths are of bytes. Source: secure-systems-lab/dsse, protocol.md. */
export function preAuthEncoding(payloadType: string, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const type = new TextEncoder().encode(payloadType)
  const head = new TextEncoder().encode(`DSSEv1 ${type.length} ${payloadType} ${body.length} `)
  const encoded = new Uint8Array(head.length + body.length)
  encoded.set(head)
  encoded.set(body, head.length)
  return encoded
}

/**
 * Reads an envelope in JSON, of 1 MiB and 16 signatures at most. Unknown fields are ignored; a missing key id is an empty one. Callers go
 * on with `body`, and never read the text again. Throws MalformedError.
 */
export function parseEnvelope(bytes: Uint8Array): Envelope {
  const envelope = asObject(parseStrictJson(bytes, format, maxEnvelopeBytes), format, 'it')
  const signatures = asList(envelope['signatures'], format, 'signatures', maxSignatures)
  if (signatures.length === 0) throw new MalformedError(format, 0, 'it has no signature')
  return {
    payloadType: asText(envelope['payloadType'], format, 'payloadType'),
    body: decodeBase64(asText(envelope['payload'], format, 'payload'), format, 'payload'),
    signatures: signatures.map((one) => {
      const signature = asObject(one, format, 'a signature')
      const keyid = signature['keyid'] ?? ''
      return {
        keyid: asText(keyid, format, 'keyid'),
        sig: decodeBase64(asText(signature['sig'], format, 'sig'), format, 'sig'),
      }
    }),
  }
}

/** The envelope as JSON, in one line without a line end. */
export function printEnvelope({ payloadType, body, signatures }: Envelope): string {
  return JSON.stringify({
    payload: encodeBase64(body),
    payloadType,
    signatures: signatures.map(({ keyid, sig }) => ({ keyid, sig: encodeBase64(sig) })),
  })
}
