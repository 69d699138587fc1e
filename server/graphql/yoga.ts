import { randomUUID } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations'
import { maxAliasesPlugin } from '@escape.tech/graphql-armor-max-aliases'
import { maxDepthPlugin } from '@escape.tech/graphql-armor-max-depth'
import { maxDirectivesPlugin } from '@escape.tech/graphql-armor-max-directives'
import { maxTokensPlugin } from '@escape.tech/graphql-armor-max-tokens'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import { createYoga, maskError, type Plugin } from 'graphql-yoga'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import type { Deps } from '../deps.ts'
import { isFromOtherSite } from '../from-other-site.ts'
import { browserOf } from '../sessions/browser.ts'
import { requestIdOf } from '../request-id.ts'
import { siteUrl } from '../site-url.ts'
import { BusyError } from '../errors.ts'
import { namedIfUnavailable } from '../database/writer.ts'
import { carriesCredentials, clientAddress, sessionSecretIn } from '../users/credentials.ts'
import { NotAuthorizedError } from '../users/not-authorized.ts'
import { viewingOf } from '../users/viewer.ts'
import type { Context } from './builder.ts'
import { errorRequestIds } from './error-request-ids.ts'
import { limits } from './limits.ts'
import { translateRefusal, useOperationLimits } from './operation-limits.ts'
import { useBoundedBodies } from './read-body.ts'
import { useResponseHeaders } from './response-headers.ts'
import { useAnswersUntilChange } from './response-cache.ts'
import { useOperationMetrics } from './operation-metrics.ts'
import { useOperationSpans } from './operation-spans.ts'
import { useOperationTurns } from './operation-turns.ts'

type ServerContext = { req: IncomingMessage; res: ServerResponse }

/** `/graphql`. `persistedOperationsFile` maps SHA-256 hashes to the operations of the web application. */
export function createGraphQL(deps: Deps, schema: GraphQLSchema, persistedOperationsFile: string) {
  const persisted = readPersistedOperations(persistedOperationsFile)
  const { authenticate: _, ...shared } = deps
  const errorIds = errorRequestIds()
  const ownOperations = new Map([...persisted.values()].map((query) => [query, nameOfOperation(query)]))
  return createYoga<ServerContext, Omit<Context, keyof ServerContext>>({
    schema,
    graphqlEndpoint: '/graphql',
    landingPage: false,
    graphiql: false,
    // The API is public for reading: pages of any origin may send requests, but without this site's credentials.
    cors: {
      origin: '*',
      credentials: false,
      methods: ['GET', 'POST'],
      exposedHeaders: ['ETag', 'Retry-After'],
      // A day: what the server allows changes with releases.
      maxAge: 86_400,
    },
    logging: false,
    multipart: false,
    maxRequestBodySize: false,
    context: ({ req, res }) => {
      const address = clientAddress(req, deps.config.trustedProxies)
      const browser = browserOf(req, res, deps.config)
      return {
        ...shared,
        ...viewingOf(deps, req, address, browser.endSession),
        address,
        browser,
        requestId: requestIdOf(req, deps.config),
        siteUrl: siteUrl(req, deps.config),
      }
    },
    maskedErrors: {
      maskError: (error, message) => maskAndLog(deps, error, message, errorIds.idOf(error) ?? randomUUID()),
    },
    plugins: [
      errorIds.plugin,
      useCsrfPreventionForPosts(deps),
      useBoundedBodies(deps),
      usePersistedOperations({
        getPersistedOperation: (hash) => persisted.get(hash) ?? null,
        allowArbitraryOperations: true,
        customErrors: {
          keyNotFound: {
            message: 'send an operation: a string as "query"',
            extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
          },
        },
      }),
      maxTokensPlugin({ n: limits.tokens }),
      maxDepthPlugin({ n: limits.depth, ignoreIntrospection: true, flattenFragments: true }),
      maxAliasesPlugin({ n: limits.aliases }),
      maxDirectivesPlugin({ n: limits.directives }),
      useOperationLimits(),
      useOperationTurns((query) => ownOperations.has(query)),
      useAnswersUntilChange(deps, (context) => {
        const { req } = context as ServerContext
        return carriesCredentials(req.headers) ? null : siteUrl(req, deps.config)
      }),
      useOperationSpans((query) => ownOperations.get(query) ?? null),
      useOperationMetrics(deps, (query) => ownOperations.get(query) ?? null),
      useResponseHeaders(),
    ],
  })
}

/**
 * A form on a page of another site can post bodies without a CORS preflight request: multipart and plain text.
 * Such requests need a header that only scripts of allowed origins can set. Requests with credentials of their own are
 * exempt, so that curl can upload, unless the browser says that another site made it send them. The cookie of a session
 * is none of those: any page makes a browser send it. With it, requests from pages of other sites are refused, whatever
 * their type. GET changes nothing.
 */
function useCsrfPreventionForPosts({ config }: Pick<Deps, 'config'>): Plugin<object, ServerContext> {
  const requestHeaders = ['x-graphql-yoga-csrf', 'graphql-require-preflight', 'apollo-require-preflight']
  const requireHeader = useCSRFPrevention({ requestHeaders })
  return {
    async onRequestParse(payload) {
      const { headers, method } = payload.request
      if (method !== 'POST') return
      const { req } = payload.serverContext
      const isFromElsewhere = isFromOtherSite(req, config)
      if (headers.has('authorization') && !isFromElsewhere) return
      if (sessionSecretIn(req, config) !== null && isFromElsewhere) throw missingHeader(requestHeaders)
      try {
        await requireHeader.onRequestParse?.(payload)
      } catch {
        // Browsers say where a POST comes from; without that, it is a client whose user forgot the password.
        const isBrowser = headers.has('origin') || headers.has('sec-fetch-site')
        const isMultipart = /^\s*multipart\//i.test(headers.get('content-type') ?? '')
        throw isMultipart && !isBrowser ? missingUser() : missingHeader(requestHeaders)
      }
    },
  }
}

function missingUser(): GraphQLError {
  return new GraphQLError(
    'this needs a user: send Basic credentials (curl: -u USER:PASSWORD), or, for a request that needs no user, the header GraphQL-Require-Preflight: 1',
    {
      extensions: {
        code: 'UNAUTHENTICATED',
        http: { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="builder-hub"' } },
      },
    },
  )
}

function missingHeader(names: readonly string[]): GraphQLError {
  return new GraphQLError(
    `a page of another site could have sent this (CSRF): send JSON, or one of the headers ${names.join(', ')} with any value`,
    { extensions: { code: 'FORBIDDEN', http: { status: 403 } } },
  )
}

/** Errors that the client must not see are logged with the id of the request, and the response contains only the id. */
function maskAndLog(
  { damage, log }: Pick<Deps, 'damage' | 'log'>,
  error: unknown,
  message: string,
  requestId: string,
): Error {
  const refusal = translateRefusal(error)
  if (refusal) return refusal
  const masked = maskError(error, message)
  if (masked === error) return masked
  const place = masked instanceof GraphQLError ? { nodes: masked.nodes, path: masked.path } : {}
  const original = namedIfUnavailable(error instanceof GraphQLError ? (error.originalError ?? error) : error)
  if (original instanceof NotAuthorizedError) {
    return new GraphQLError(original.message, { ...place, extensions: { code: original.code } })
  }
  if (original instanceof BusyError) {
    return new GraphQLError(original.message, { ...place, extensions: { code: 'BUSY' } })
  }
  if (original instanceof DamagedBlobError) damage.note(original)
  log.error({ err: original, requestId }, 'operation failed')
  return new GraphQLError(message, {
    ...place,
    extensions: { code: 'INTERNAL_SERVER_ERROR', requestId },
  })
}

/** The name in `query Name(…) {…}`. */
const nameOfOperation = (query: string) =>
  /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1] ?? 'unnamed'

function readPersistedOperations(file: string): ReadonlyMap<string, string> {
  if (!existsSync(file)) return new Map()
  const documents: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return new Map(
    Object.entries(documents ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  )
}
