import { Readable } from 'node:stream'
import { createGzip } from 'node:zlib'
import { checkPresent } from '../blobs/check-present.ts'
import { findStoredRecord } from '../builds/stored-record.ts'
import type { Deps } from '../deps.ts'
import { encodeStreamedRecord } from '../formats/exec-record-encoder.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { tarOf } from './archive.ts'
import { bytesWithin } from './bytes-within.ts'
import { answerMissing } from './download.http.ts'
import { refuseMissingBuild } from './find-download.ts'
import { limitDownloads } from './limit-downloads.ts'
import { sendFile } from './send-file.ts'

type Context = Parameters<HttpHandler>[0]

/** Number of bytes that are generated ahead of a slow client. */
const bufferBytes = 256 * 1024

/** Downloads at a time. Archives are compressed in the threads that also read and write files. */
const archives = { perClient: 2, total: 8 }
const records = { perClient: 8, total: 64 }

/** Serves a build as one file: an archive of all its artifacts, or its record. Source: docs/spec/drop-in.md, "URLs". */
export function wholeBuildRoutes(
  deps: Pick<Deps, 'blobs' | 'config' | 'db' | 'log' | 'writer'>,
): HttpRoute[] {
  const limitArchives = limitDownloads(deps, archives)
  const limitRecords = limitDownloads(deps, records)

  const sendArchive = async (context: Context) => {
    const { job = '', uuid = '' } = context.params
    const build = await deps.db.build.findFirst({
      where: { uuid: uuid.toLowerCase(), job: { name: job } },
      select: {
        uuid: true,
        finishedAt: true,
        artifacts: { orderBy: { path: 'asc' }, select: { path: true, sha256: true, sizeBytes: true } },
      },
    })
    if (!build) return refuseMissingBuild(deps.db, job, uuid)
    const files = build.artifacts.map((file) => ({ ...file, sizeBytes: Number(file.sizeBytes) }))
    await sendFile(context, {
      name: `${job}-${build.uuid}.tar.gz`,
      mediaType: 'application/gzip',
      // Weak: another release of zlib may compress the same files to different bytes.
      etag: `W/"${build.uuid}.tar.gz"`,
      modifiedAt: build.finishedAt,
      sizeBytes: null,
      async open() {
        await checkPresent(deps.blobs, files)
        return [asStream(tarOf(deps, files, build.finishedAt)), createGzip()]
      },
    })
  }

  const sendRecord = async (context: Context) => {
    const { job = '', uuid = '' } = context.params
    const left = new AbortController()
    context.response.once('close', () => left.abort())
    const record = await findStoredRecord(deps, job, uuid, left.signal).catch((error: unknown) => {
      if (!left.signal.aborted) throw error
      return 'left' as const
    })
    if (record === 'left') return
    if (!record) return refuseMissingBuild(deps.db, job, uuid)
    const encoded = encodeStreamedRecord(record.record)
    await sendFile(context, {
      name: `${job}-${record.record.uuid}.full`,
      mediaType: 'application/octet-stream',
      // The ETag includes the length, because a later release may keep more of the record.
      etag: `"${record.record.uuid}.${encoded.sizeBytes}.full"`,
      modifiedAt: record.modifiedAt,
      sizeBytes: encoded.sizeBytes,
      async open(range) {
        await checkPresent(deps.blobs, record.content)
        return [asStream(range ? bytesWithin(encoded.data(), range) : encoded.data())]
      },
    })
  }

  const routes: Record<string, HttpHandler> = {
    '/job/:job/build/:uuid/all.tar.gz': (context) =>
      limitArchives(context.request, () => sendArchive(context)),
    '/job/:job/build/:uuid/exec': (context) => limitRecords(context.request, () => sendRecord(context)),
  }
  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerMissing(handle),
  }))
}

const asStream = (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) =>
  Readable.from(chunks, { objectMode: false, highWaterMark: bufferBytes })
