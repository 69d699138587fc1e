import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError, MalformedError, StorageFullError } from '../errors.ts'
import { maxEnvelopeBytes } from '../formats/signing/dsse.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { attestationPath } from '../attestations/stated-urls.ts'
import { requestBody } from '../request-body.ts'
import {
  KeyRevokedError,
  receiveAttestation,
  UnknownKeyError,
  UnknownSubjectError,
} from './receive-attestation.ts'

/**
 * `POST /attestations`: a statement of a third party as the body, a DSSE envelope or a link. Its signature says whose it is, so that nobody has
 * to sign in: the key has to be registered. 201: stored; 200: it was known already.
 */
export function attestationsInRoute(deps: Pick<Deps, 'blobs' | 'clock' | 'db' | 'writer'>): HttpRoute {
  return {
    methods: ['POST'],
    path: '/attestations',
    needs: 'none',
    async handle({ request, response }) {
      const bytes = await readBody(request)
      if (bytes === null) return sendText(response, 413, `a statement has at most ${maxEnvelopeBytes} bytes`)
      try {
        const { uuid, isNew } = await receiveAttestation(deps, bytes)
        const text = isNew ? `stored the statement ${uuid}` : `the statement ${uuid} was known already`
        sendText(response, isNew ? 201 : 200, text, { Location: attestationPath(uuid) })
      } catch (error) {
        if (!(error instanceof DomainError)) throw error
        const status = statusOf(error)
        if (status === null) throw error
        sendText(response, status, error.message)
      }
    },
  }
}

function statusOf(error: DomainError): number | null {
  if (error instanceof MalformedError) return 400
  if (error instanceof UnknownKeyError) return 403
  if (error instanceof UnknownSubjectError) return 404
  if (error instanceof KeyRevokedError) return 409
  if (error instanceof StorageFullError) return 507
  return error instanceof BusyError ? null : 400
}

/** Null: it is too large. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of requestBody(request)) {
    bytes += chunk.length
    if (bytes > maxEnvelopeBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
