import { mkdtemp, rm } from 'node:fs/promises'
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import findMyWay from 'find-my-way'
import { downloadRoutes } from '../../server/artifacts/download.http.ts'
import type { BlobStore, Staged } from '../../server/blobs/blob-store.ts'
import { diskBlobStore } from '../../server/blobs/disk-blob-store.ts'
import { openDatabase } from '../../server/database/sqlite/open-sqlite.ts'
import type { ChangeFeed } from '../../server/changes/change-feed.ts'
import type { Reader } from '../../server/database/reader.ts'
import type { Writer } from '../../server/database/writer.ts'
import { sendText } from '../../server/http.ts'
import { copyTemplate } from '../template.ts'

export type StoredBuild = {
  /** Gives the UUID, and the start: minutes after noon. It takes one minute. */
  n: number
  job: string
  platform: string
  files: Record<string, Uint8Array>
  mainBinary?: string
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer }

export const uuidOf = (n: number) => `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const minute = (n: number) => new Date(Date.UTC(2026, 5, 1, 12, n))

/** The download routes on a real server, with a real database and files. */
export async function openDownloadSite() {
  const root = await mkdtemp(join(tmpdir(), 'downloads-'))
  const databaseFile = join(root, 'hub.sqlite3')
  copyTemplate(databaseFile)
  const { changes, db, writer, closeDatabase } = await openDatabase(databaseFile)
  const blobDir = join(root, 'blobs')
  const store = diskBlobStore({ dir: blobDir, stagingDir: join(root, 'staging') })
  /** A test replaces `open` to watch, or to delay, the next file that is opened. */
  const hooks = { open: (open: () => ReturnType<BlobStore['open']>) => open() }
  const blobs: BlobStore = { ...store, open: (id, range) => hooks.open(() => store.open(id, range)) }
  /** What handlers threw: bugs, or a store that lacks a file. */
  const failures: unknown[] = []
  const server = await listen({ db, blobs, changes, failures })
  const { port } = server.address() as AddressInfo

  /** A raw request: the path is sent as it is, without `fetch`'s normalization. */
  const request = (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
    httpRequest({ port, host: '127.0.0.1', path, method, headers, agent: false })

  return {
    db,
    writer,
    blobDir,
    hooks,
    failures,
    server,
    request,
    async addBuild(build: StoredBuild) {
      const added = await addBuild(writer, blobs, build)
      await writer.transact(['builds'], () => Promise.resolve())
      return added
    },

    send: (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
      new Promise<Answer>((resolve, reject) => {
        request(path, headers, method)
          .on('error', reject)
          .on('response', (response) => {
            const { statusCode: status = 0, headers } = response
            buffer(response).then((body) => resolve({ status, headers, body }), reject)
          })
          .end()
      }),

    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await closeDatabase()
      await rm(root, { recursive: true })
    },
  }
}

async function listen(deps: { db: Reader; blobs: BlobStore; changes: ChangeFeed; failures: unknown[] }) {
  const router = findMyWay({
    defaultRoute: (_request, response) => sendText(response, 404, 'no such page'),
    onBadUrl: (_path, _request, response) => sendText(response, 400, 'malformed percent-encoding'),
  })
  for (const { methods, path, handle } of downloadRoutes({
    ...deps,
    config: { blobRedirect: 'never', configDir: '' },
  })) {
    router.on(methods as findMyWay.HTTPMethod[], path, async (request, response, params) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams
      try {
        await handle({ request, response, params, query })
      } catch (error) {
        deps.failures.push(error)
        if (response.headersSent) response.destroy()
        else sendText(response, 500, 'internal error')
      }
    })
  }
  const server = createServer((request, response) => {
    router.lookup(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

async function storeBytes(blobs: BlobStore, bytes: Uint8Array): Promise<Staged> {
  const staged = await blobs.stage(
    (async function* () {
      yield bytes
    })(),
  )
  await blobs.commit([staged])
  return staged
}

async function addBuild(
  writer: Writer,
  blobs: BlobStore,
  { n, job, platform, files, mainBinary }: StoredBuild,
) {
  const [script, consoleText] = [
    await storeBytes(blobs, Buffer.from(`echo ${n}\n`)),
    await storeBytes(blobs, Buffer.from('0.000s:hello\n')),
  ]
  const contents = await Promise.all(
    Object.entries(files).map(async ([path, bytes]) => ({ path, staged: await storeBytes(blobs, bytes) })),
  )
  const jobRow = await writer.transact([], (tx) =>
    tx.job.upsert({ where: { name: job }, create: { name: job }, update: {} }),
  )
  const platformRow = await writer.transact([], (tx) =>
    tx.platform.upsert({
      where: { name: platform },
      create: { name: platform },
      update: {},
    }),
  )
  const build = await writer.transact([], (tx) =>
    tx.build.create({
      data: {
        uuid: uuidOf(n),
        jobId: jobRow.id,
        platformId: platformRow.id,
        startedAt: minute(n),
        finishedAt: minute(n + 1),
        receivedAt: minute(n + 2),
        status: 'SUCCEEDED',
        resultKind: 'EXITED',
        resultCode: 0n,
        scriptSha256: script.id,
        scriptSizeBytes: BigInt(script.sizeBytes),
        consoleSha256: consoleText.id,
        consoleSizeBytes: BigInt(consoleText.sizeBytes),
        consoleIndexSha256: consoleText.id,
        consoleLineCount: 1,
        artifactCount: contents.length,
        artifactsSizeBytes: 0n,
        artifacts: {
          create: contents.map(({ path, staged }) => ({
            path,
            sha256: staged.id,
            sizeBytes: BigInt(staged.sizeBytes),
            startedAt: minute(n),
          })),
        },
      },
      include: { artifacts: true },
    }),
  )
  const main = build.artifacts.find(({ path }) => path === mainBinary)
  if (main) {
    await writer.transact([], (tx) =>
      tx.build.update({
        where: { id: build.id },
        data: { mainBinaryId: main.id, mainBinarySha256: main.sha256 },
      }),
    )
  }
  const newest = { newestBuildId: build.id, ...(main ? { newestMainBinaryId: build.id } : {}) }
  await writer.transact([], (tx) =>
    tx.jobPlatform.upsert({
      where: { jobId_platformId: { jobId: jobRow.id, platformId: platformRow.id } },
      create: { jobId: jobRow.id, platformId: platformRow.id, ...newest },
      update: newest,
    }),
  )
  return build
}
