import type { Deps } from '../deps.ts'
import { DomainError, MalformedError, RecordTooLargeError, StorageFullError } from '../errors.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { buildPath } from '../paths.ts'
import { BadCredentialsError, TooManyAttemptsError } from '../users/authenticate.ts'
import { clientAddress, readCredentials } from '../users/credentials.ts'
import { BuildExistsError, NotAuthorizedError } from './errors.ts'
import { receiveBuild } from './receive-build.ts'
import { requestBody } from './request-body.ts'

/** `POST /upload`: a build record as the raw body. Source: builder-server, which sends it. */
export function uploadRoutes(deps: Deps): HttpRoute[] {
  return [
    {
      methods: ['POST'],
      path: '/upload',
      async handle({ request, response }) {
        try {
          const address = clientAddress(request, deps.config.trustedProxies)
          const user = await deps.authenticate(readCredentials(request), address)
          const declaredBytes = Number(request.headers['content-length'] ?? 0)
          if (declaredBytes > deps.config.uploadMaxBytes) {
            throw new RecordTooLargeError(
              `the record has ${declaredBytes} bytes, more than the ${deps.config.uploadMaxBytes} that the operator allows`,
            )
          }
          const { uuid, job } = await receiveBuild(deps, user, requestBody(request))
          deps.log.info({ uuid, job, user: user.name }, 'build stored')
          sendText(response, 201, `stored build ${uuid} of job ${job}`, { Location: buildPath(job, uuid) })
        } catch (error) {
          if (request.errored) {
            deps.log.info({ reason: request.errored.message }, 'upload broken off')
            return
          }
          if (!(error instanceof DomainError)) throw error
          deps.log.info({ reason: error.message }, 'upload refused')
          const [status, headers] = statusOf(error)
          sendText(response, status, error.message, headers)
        }
      },
    },
  ]
}

function statusOf(error: DomainError): [status: number, headers?: Record<string, string>] {
  if (error instanceof BadCredentialsError) {
    return [401, { 'WWW-Authenticate': 'Basic realm="builder-hub"' }]
  }
  if (error instanceof TooManyAttemptsError) return [429, { 'Retry-After': String(error.retryAfterSeconds) }]
  if (error instanceof NotAuthorizedError) return [403]
  if (error instanceof BuildExistsError) return [409]
  if (error instanceof MalformedError) return [400]
  if (error instanceof RecordTooLargeError) return [413]
  if (error instanceof StorageFullError) return [507]
  throw error
}
