import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Deps } from './deps.ts'
import { requestIdOf } from './request-id.ts'
import { traceIdOf } from './tracing.ts'
import { clientAddress, readCredentials } from './users/credentials.ts'

/** Longer paths are cut: a client may send 16 kB. */
const maxPath = 1_000

/**
 * Logs a request once it is answered, or broken off: at level `info` if it is refused or uploads a build, otherwise at
 * `debug`. Uploads by `/graphql` have log lines of their own, because the status of its responses does not tell
 * whether a build was stored. `user` is the name that the client sent, whether or not its password was right.
 */
export function logRequest(
  { config, log }: Pick<Deps, 'config' | 'log'>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const startedAt = performance.now()
  const { method, url = '' } = request
  response.once('close', () => {
    const isQuiet = response.statusCode < 400 && (method !== 'POST' || url.startsWith('/graphql'))
    log[isQuiet ? 'debug' : 'info'](
      {
        requestId: requestIdOf(request, config),
        ...traceOf(request),
        method,
        path: loggedPath(url),
        status: response.headersSent ? response.statusCode : null,
        durationMs: Math.round(performance.now() - startedAt),
        user: readCredentials(request, config)?.name ?? null,
        address: clientAddress(request, config.trustedProxies),
      },
      response.writableFinished ? 'request' : 'request broken off',
    )
  })
}

/** The path of a request as the log has it: an issuer of OpenID Connect sends secrets in the query. */
export const loggedPath = (url: string): string =>
  (url.startsWith('/oidc/') ? url.replace(/\?.*/s, '') : url).slice(0, maxPath)

function traceOf(request: IncomingMessage): { traceId?: string } {
  const traceId = traceIdOf(request)
  return traceId === undefined ? {} : { traceId }
}
