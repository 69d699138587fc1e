import type { Envelope } from './dsse.ts'
import { encodeBase64 } from './base64.ts'

/**
 * A statement as a Sigstore bundle, version 0.3, with one signature by a key of the curve P-256: what cosign reads. No transparency log
 * of Sigstore has seen it. Source: sigstore/protobuf-specs, sigstore_bundle.proto.
 */
export function printBundle({ payloadType, body, signatures }: Envelope): string {
  const [signature] = signatures
  if (!signature || signatures.length > 1) throw new Error('a bundle has one signature')
  const { keyid, sig } = signature
  return JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      publicKey: { hint: keyid },
      tlogEntries: [],
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: {
      payload: encodeBase64(body),
      payloadType,
      signatures: [{ sig: encodeBase64(sig), keyid }],
    },
  })
}
