import { Readable } from 'node:stream'
import { entryBitsSizeBytes, readEntryBits } from '../builds/entry-bits.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { sendRedirect, sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { artifactPath, buildPath } from '../paths.ts'
import { findLatestTrusted } from '../policy/find-latest-trusted.ts'
import { untilChange } from '../until-change.ts'
import {
  findArtifact,
  findBuild,
  findBuildByHash,
  findLatestBuild,
  MissingDownloadError,
  RemovedDownloadError,
} from './find-download.ts'
import { mediaTypeOf } from './media-type.ts'
import { sendBlob } from './send-blob.ts'
import { publicHeaders, sendFile } from './send-file.ts'

/** What a later upload may change. */
const changingHeaders = { ...publicHeaders, 'Cache-Control': 'no-cache' }

/** Redirects that are remembered: some hundred bytes each. */
const maxKept = 10_000

/** Files of builds, and the redirects that lead to them; builder-web's URLs. */
export function downloadRoutes(
  deps: Pick<Deps, 'blobs' | 'db' | 'changes'> & { config: Pick<Config, 'blobRedirect' | 'configDir'> },
): HttpRoute[] {
  // Hosts ask all day whether there is something new, and mostly there is not.
  const keep = untilChange<{ job: string; uuid: string }>(deps.changes, maxKept)
  const keepPath = untilChange<{ path: string }>(deps.changes, maxKept)

  const sendArtifact: HttpHandler = async (context) => {
    const { job = '', uuid = '', '*': path = '' } = context.params
    const { finishedAt, ...artifact } = await findArtifact(deps, job, uuid, path)
    await sendBlob(context, deps, {
      ...artifact,
      name: artifact.path,
      mediaType: mediaTypeOf(artifact.path),
      modifiedAt: finishedAt,
    })
  }

  const sendConsole: HttpHandler = async (context) => {
    const { job = '', uuid = '' } = context.params
    const { consoleSha256, consoleSizeBytes, finishedAt } = await findBuild(deps, job, uuid)
    await sendBlob(context, deps, {
      sha256: consoleSha256,
      sizeBytes: consoleSizeBytes,
      name: 'console.txt',
      mediaType: 'text/plain',
      modifiedAt: finishedAt,
    })
  }

  const sendConsoleEntries: HttpHandler = async (context) => {
    const { job = '', uuid = '' } = context.params
    const build = await findBuild(deps, job, uuid)
    const sizeBytes = entryBitsSizeBytes(build.consoleLineCount)
    await sendFile(context, {
      name: 'console-entries.bin',
      mediaType: 'application/octet-stream',
      etag: `"${build.consoleIndexSha256}.entries"`,
      modifiedAt: build.finishedAt,
      sizeBytes,
      open: (range) => [
        Readable.from(readEntryBits(deps, build, range ?? { start: 0, end: sizeBytes }), {
          objectMode: false,
        }),
      ],
    })
  }

  const sendScript: HttpHandler = async (context) => {
    const { job = '', uuid = '' } = context.params
    const { scriptSha256, scriptSizeBytes, finishedAt } = await findBuild(deps, job, uuid)
    await sendBlob(context, deps, {
      sha256: scriptSha256,
      sizeBytes: scriptSizeBytes,
      name: 'script.txt',
      mediaType: 'text/plain',
      modifiedAt: finishedAt,
    })
  }

  const redirectToMainBinary: HttpHandler = async ({ request, response, params }) => {
    const { job = '', uuid = '' } = params
    const { path } = await keepPath(request, JSON.stringify([job, uuid]), async () => {
      const build = await findBuild(deps, job, uuid)
      if (!build.mainBinary) throw new MissingDownloadError(`build ${build.uuid} has no main binary`)
      return { path: artifactPath(job, build.uuid, build.mainBinary.path) }
    })
    sendRedirect(response, 302, path, changingHeaders)
  }

  const redirectToLatest: HttpHandler = async ({ request, response, params, query }) => {
    const { job = '' } = params
    // An empty platform is what a form sends when nothing is chosen.
    const platform = query.get('platform') || null
    const isTrusted = query.get('trusted') === '1'
    const { uuid } = await keep(request, JSON.stringify([job, platform, isTrusted]), async () => ({
      job,
      uuid: await (isTrusted ? findLatestTrusted : findLatestBuild)(deps, job, platform),
    }))
    const { rest, search } = afterLatest(request.url ?? '')
    sendRedirect(response, 307, `${buildPath(job, uuid)}${rest}${search}`, changingHeaders)
  }

  const redirectByHash: HttpHandler = async ({ request, response, query }) => {
    const sha256 = query.get('sha256')?.toLowerCase() ?? ''
    if (!/^[0-9a-f]{64}$/.test(sha256)) {
      sendText(response, 400, 'the parameter sha256 has to be 64 hex digits', changingHeaders)
      return
    }
    const { job, uuid } = await keep(request, sha256, () => findBuildByHash(deps, sha256))
    sendRedirect(response, 302, buildPath(job, uuid), changingHeaders)
  }

  const routes: Record<string, HttpHandler> = {
    '/job/:job/build/:uuid/f/*': sendArtifact,
    '/job/:job/build/:uuid/console': sendConsole,
    '/job/:job/build/:uuid/console-entries': sendConsoleEntries,
    '/job/:job/build/:uuid/script': sendScript,
    '/job/:job/build/:uuid/main-binary': redirectToMainBinary,
    '/job/:job/build/latest': redirectToLatest,
    '/job/:job/build/latest/*': redirectToLatest,
    '/hash': redirectByHash,
  }
  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerMissing(handle),
  }))
}

/** Answers 404 for a MissingDownloadError, and 410 for a RemovedDownloadError. */
export function answerMissing(handle: HttpHandler): HttpHandler {
  return async (context) => {
    try {
      await handle(context)
    } catch (error) {
      const isRemoved = error instanceof RemovedDownloadError
      if (!isRemoved && !(error instanceof MissingDownloadError)) throw error
      sendText(context.response, isRemoved ? 410 : 404, error.message, changingHeaders)
    }
  }
}

const isSpent = (query: URLSearchParams) => query.has('platform') || query.has('trusted')

/**
 * What follows `…/build/latest` in a URL, percent-encoded as it came: decoding and encoding again
 * would turn `%2F` into `/`. The platform, and `trusted`, have done their work and are dropped from the query.
 */
function afterLatest(url: string): { rest: string; search: string } {
  const [, rest = '', query = ''] = /\/build\/latest([^?#]*)\??([^#]*)/.exec(url) ?? []
  const kept = query.split('&').filter((pair) => pair !== '' && !isSpent(new URLSearchParams(pair)))
  return { rest: rest === '/' ? '' : rest, search: kept.length > 0 ? `?${kept.join('&')}` : '' }
}
