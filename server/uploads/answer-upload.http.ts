import type { IncomingMessage } from 'node:http'
import { actorOf, type Actor } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import { BusyError, DomainError, MalformedError, RecordTooLargeError, StorageFullError } from '../errors.ts'
import { isFromOtherSite } from '../from-other-site.ts'
import { UnsafeNameError } from '../formats/exec-names.ts'
import { sendText, type HttpHandler } from '../http.ts'
import { buildPath } from '../paths.ts'
import { requestIdOf } from '../request-id.ts'
import { EncodedBodyError, unreadEncoding } from '../request-body.ts'
import { authenticateRequest } from '../users/authenticate-request.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../users/bad-credentials.ts'
import { clientAddress, readCredentials } from '../users/credentials.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { checkRight, type Viewer } from '../users/viewer.ts'
import { auditRefusal } from './audit-refusal.ts'
import { BuildExistsError, CrossSiteUploadError } from './errors.ts'
import type { NamedBuild, ReceivedBuild } from './receive-build.ts'

type Context = Parameters<HttpHandler>[0]

/**
 * Answers an upload. The user is authenticated before the body is read, and a body with a too large declared length
 * is refused at once. `receive` stores the build; DomainErrors that it throws become responses.
 */
export function answerUpload(
  deps: Deps,
  receive: (user: Viewer, context: Context, named: NamedBuild, actor: Actor) => Promise<ReceivedBuild>,
): HttpHandler {
  return async (context) => {
    const { request, response } = context
    const address = clientAddress(request, deps.config.trustedProxies)
    const name = readCredentials(request, deps.config)?.name ?? null
    const requestId = requestIdOf(request, deps.config)
    const named: NamedBuild = { requestId }
    let actor = actorOf(null, { address, requestId })
    try {
      if (isFromOtherSite(request, deps.config)) throw new CrossSiteUploadError()
      const user = await authenticateRequest(deps, request)
      actor = actorOf(user, { address, requestId })
      checkRight(user, 'upload')
      const encoding = unreadEncoding(request)
      if (encoding !== null) throw new EncodedBodyError(encoding)
      checkDeclaredLength(request, deps.config.uploadMaxBytes)
      const { uuid, job } = await receive(user, context, named, actor)
      sendText(response, 201, `stored build ${uuid} of job ${job}`, { Location: buildPath(job, uuid) })
    } catch (error) {
      if (request.errored) {
        deps.log.info({ user: name, address, ...named, reason: request.errored.message }, 'upload broken off')
        return
      }
      if (!(error instanceof DomainError)) throw error
      const [status, headers] = statusOf(error)
      deps.log.info({ user: name, address, ...named, status, reason: error.message }, 'upload refused')
      auditRefusal(deps, error, actor, named)
      sendText(response, status, error.message, headers)
    }
  }
}

function checkDeclaredLength({ headers }: IncomingMessage, maxBytes: number): void {
  const declaredBytes = Number(headers['content-length'] ?? 0)
  if (declaredBytes <= maxBytes) return
  throw new RecordTooLargeError(
    `the record has ${declaredBytes} bytes, more than the ${maxBytes} that the operator allows`,
  )
}

function statusOf(error: DomainError): [status: number, headers?: Record<string, string>] {
  if (error instanceof BadCredentialsError) {
    return [401, { 'WWW-Authenticate': 'Basic realm="builder-hub"' }]
  }
  if (error instanceof TooManyAttemptsError) return [429, { 'Retry-After': String(error.retryAfterSeconds) }]
  if (error instanceof NotAuthorizedError || error instanceof CrossSiteUploadError) return [403]
  if (error instanceof BuildExistsError) return [409]
  if (error instanceof MalformedError || error instanceof UnsafeNameError) return [400]
  if (error instanceof RecordTooLargeError) return [413]
  if (error instanceof EncodedBodyError) return [415, { 'Accept-Encoding': 'identity' }]
  if (error instanceof StorageFullError) return [507]
  if (error instanceof BusyError) return [503, { 'Retry-After': String(error.retryAfterSeconds) }]
  throw error
}
