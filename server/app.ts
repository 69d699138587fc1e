import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import findMyWay from 'find-my-way'
import { downloadRoutes } from './artifacts/download.http.ts'
import { DamagedBlobError } from './blobs/checked-stream.ts'
import { admit } from './admit.http.ts'
import type { Deps } from './deps.ts'
import { createGraphQL } from './graphql/yoga.ts'
import { binaryUploadRoute } from './dropin/binary-upload.http.ts'
import { exportRoutes } from './exports/exports.http.ts'
import { feedRoutes } from './feeds/feeds.http.ts'
import { jsonAnswers } from './dropin/json-answers.http.ts'
import { robotsRoute } from './dropin/robots.http.ts'
import { wholeBuildRoutes } from './artifacts/whole-build.http.ts'
import { isNulRefused } from './database/database-errors.ts'
import { BusyError } from './errors.ts'
import { namedIfUnavailable } from './database/writer.ts'
import { sendText, type HttpRoute } from './http.ts'
import { schema } from './schema.ts'
import { exchangeJwtRoute } from './oidc/exchange-jwt.http.ts'
import { signInRoutes } from './oidc/sign-in.http.ts'
import { unsubscribeRoutes } from './notifications/unsubscribe.http.ts'
import { pageRoutes } from './pages/page.http.ts'
import { pageDrawer } from './pages/render-page.ts'
import { graphqlRoutes } from './graphql/graphql.http.ts'
import { loggedPath, logRequest } from './log-request.ts'
import { noteRoute, observeRequest } from './metrics/observe-request.ts'
import { rebuilderdRoutes } from './rebuilderd/rebuilderd.http.ts'
import { repositoryRoutes } from './repositories/repository.http.ts'
import { advisoryRoutes } from './advisories/advisories.http.ts'
import { attestationsInRoute } from './attesters/attestations-in.http.ts'
import { attestationRoutes } from './attestations/attestations.http.ts'
import { checksumRoutes } from './attestations/checksums.http.ts'
import { sbomRoutes } from './sbom/sbom.http.ts'
import { vexRoutes } from './advisories/vex.http.ts'
import { keyRoutes } from './signing/keys.http.ts'
import { rebuildRoutes } from './rebuild/rebuild.http.ts'
import { witnessRoutes } from './transparency/witness.http.ts'
import { logRoutes } from './transparency/log.http.ts'
import { healthRoutes } from './site/health.http.ts'
import { readyRoute } from './site/ready.http.ts'
import { answerMethodNotAllowed, isRoute } from './method-not-allowed.ts'
import { namesTwoHosts } from './names-two-hosts.ts'
import { requestIdOf } from './request-id.ts'
import { inTraceOf } from './tracing.ts'
import { drainAfterAnswer, waitForStorage } from './request-body.ts'
import { uploadRoutes } from './uploads/upload.http.ts'

/** Where the built application, its operations, and the program that draws its pages on the server are. */
export type WebFiles = { webDir: string; persistedOperationsFile: string; rendererFile: string }

/** The same for the sources and for the bundle: both lie one folder below the project. */
export function webFilesOf(projectDir: string): WebFiles {
  return {
    webDir: join(projectDir, 'web/dist'),
    persistedOperationsFile: join(projectDir, 'web/gql/persisted-documents.json'),
    rendererFile: join(projectDir, 'dist/pages/render.mjs'),
  }
}

/** The whole server as a listener for `node:http`: GraphQL, uploads, downloads, pages. */
export function createApp(deps: Deps, files: WebFiles): RequestListener {
  const graphql = createGraphQL(deps, schema, files.persistedOperationsFile)
  const draw =
    deps.config.drawnPages === 'on' ? pageDrawer(deps, (...asked) => graphql.fetch(...asked), files) : null
  const pages = pageRoutes(deps, files.webDir, jsonAnswers(deps), draw)
  const router = findMyWay({
    ignoreTrailingSlash: false,
    maxParamLength: 8_192,
    defaultRoute(request, response) {
      if (!answerMethodNotAllowed(router, request, response))
        void run(deps, pages.fallback, request, response, {})
    },
    onBadUrl: (path, _request, response) => sendText(response, 400, `bad percent-encoding in ${path}`),
  })
  for (const { methods, path, handle, needs = 'read' } of [...routesOf(deps, graphql), ...pages.routes]) {
    const admitted: HttpRoute['handle'] = async (context) => {
      if (await admit(deps, context.request, context.response)) await handle(context)
    }
    const guarded = deps.config.isPrivate && needs === 'read' ? admitted : handle
    const answer: findMyWay.Handler<findMyWay.HTTPVersion.V1> = (request, response, params) => {
      noteRoute(request, path)
      return run(deps, guarded, request, response, params)
    }
    router.on(methods as findMyWay.HTTPMethod[], path, answer, isRoute)
  }
  return (request, response) => {
    response.setHeader('X-Request-Id', requestIdOf(request, deps.config))
    observeRequest(deps.metrics, request, response)
    logRequest(deps, request, response)
    drainAfterAnswer(request, response, deps.config.uploadMaxBytes)
    if (namesTwoHosts(request))
      return sendText(response, 400, 'the request has more than one Host header: send one', {
        Connection: 'close',
      })
    if (request.method === 'POST') waitForStorage(request, response)
    inTraceOf(request, () => void router.lookup(request, response))
  }
}

/** Everything but pages. */
export function routesOf(deps: Deps, graphql: ReturnType<typeof createGraphQL>): HttpRoute[] {
  return [
    ...uploadRoutes(deps),
    ...downloadRoutes(deps),
    ...wholeBuildRoutes(deps),
    binaryUploadRoute(deps),
    exchangeJwtRoute(deps),
    ...signInRoutes(deps),
    ...unsubscribeRoutes(deps),
    robotsRoute(deps),
    ...graphqlRoutes(graphql),
    readyRoute(deps),
    ...healthRoutes(deps),
    ...feedRoutes(deps),
    ...exportRoutes(deps),
    ...repositoryRoutes(deps),
    ...keyRoutes(deps),
    attestationsInRoute(deps),
    ...attestationRoutes(deps),
    ...checksumRoutes(deps),
    ...sbomRoutes(deps),
    ...advisoryRoutes(deps),
    ...vexRoutes(deps),
    ...rebuilderdRoutes(deps),
    ...logRoutes(deps),
    ...witnessRoutes(deps),
    ...rebuildRoutes(deps),
  ]
}

/** Runs a handler. An exception is a bug: it is logged with an id, which the response contains, too. */
async function run(
  { config, damage, log }: Deps,
  handle: HttpRoute['handle'],
  request: IncomingMessage,
  response: ServerResponse,
  params: Record<string, string | undefined>,
): Promise<void> {
  try {
    const [, search = ''] = (request.url ?? '').split(/\?(.*)/s)
    await handle({ request, response, params, query: new URLSearchParams(search) })
  } catch (thrown) {
    const error = namedIfUnavailable(thrown)
    if (error instanceof BusyError && !response.headersSent) {
      sendText(response, 503, error.message, { 'Retry-After': String(error.retryAfterSeconds) })
      return
    }
    if (isNulRefused(error) && !response.headersSent) {
      sendText(response, 404, 'not found: nothing has a name with a NUL character')
      return
    }
    const requestId = requestIdOf(request, config)
    log.error(
      { err: error, method: request.method, url: loggedPath(request.url ?? ''), requestId },
      'request failed',
    )
    if (error instanceof DamagedBlobError) damage.note(error)
    const what =
      error instanceof DamagedBlobError
        ? `this file is damaged on the server: ${error.found}`
        : 'internal error'
    if (response.headersSent) response.destroy()
    else sendText(response, 500, `${what}, request id ${requestId}: tell the operator`)
  }
}
