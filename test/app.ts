import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createAnalysisWorkers, type AnalysisOptions } from '../server/analyses/analysis-handlers.ts'
import { createApp, webFilesOf } from '../server/app.ts'
import { buildDeps, type Parts } from '../server/build-deps.ts'
import { memoryBlobStore } from '../server/blobs/memory-blob-store.ts'
import { readConfig } from '../server/config.ts'
import type { Database } from '../server/database/connections.ts'
import type { Deps } from '../server/deps.ts'
import { encodeExecRecord, type ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { createLog } from '../server/log.ts'
import { freshDatabase } from './database.ts'
import { databasesDir } from './databases-dir.ts'
import { alice } from './template.ts'

export const projectDir = join(import.meta.dirname, '..')

export { alice } from './template.ts'

export function basicAuth({ name, password }: { name: string; password: string }): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

/** A folder that is gone after the test, or the hook, that asked for it. */
export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export type GraphQLAnswer = {
  // The test knows the type of the data of its operation. The tests of the schema check the types.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  data: any
  errors?: { message: string; extensions?: Record<string, unknown> }[]
}

export type TestApp = {
  url: string
  deps: Deps
  /** The statements that ran since the last call of `takeQueries`. */
  takeQueries: () => string[]
  graphql: (query: string, variables?: Record<string, unknown>) => Promise<GraphQLAnswer>
  /** POST /upload as alice. */
  upload: (record: ExecRecord) => Promise<Response>
  close: () => Promise<void>
}

/**
 * The real application on a real port, with a fresh database and blobs in memory, unless
 * `overrides` brings others. Queued tasks (analyses, descriptions of jobs) wait until a test starts `deps.runner`. Closed
 * when the test, or hook, ends, unless `keep` is set.
 */
export async function testApp(
  overrides: Partial<Omit<Deps, 'analyses' | 'runner' | keyof Database>> & {
    database?: Database
    env?: Record<string, string>
    keep?: boolean
    analyses?: Partial<AnalysisOptions>
    handlersOf?: NonNullable<Parts['handlersOf']>
  } = {},
): Promise<TestApp> {
  const { env = {}, keep = false, analyses, database, ...given } = overrides
  const dir = mkdtempSync(join(databasesDir, 'builder-hub-test-'))
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dir,
    BUILDER_HUB_CONFIG_DIR: join(dir, 'config'),
    BUILDER_HUB_LOG_LEVEL: 'silent',
    BUILDER_HUB_PORT: '0',
    // Tests of statements switch it on: the others need not wait for them.
    BUILDER_HUB_SIGNING: 'off',
    // Tests of pages look at the facts for who runs no scripts, which stand in place of what is drawn (drawn-pages.test.ts).
    BUILDER_HUB_DRAWN_PAGES: 'off',
    ...env,
  })
  let queries: string[] = []
  const { openAgain: _, ...own } = await freshDatabase(dir, (sql) => queries.push(sql))
  const deps = buildDeps({
    ...(database ?? own),
    config: { ...config, stagingDir: dir, copiesDir: join(dir, 'copies') },
    blobs: memoryBlobStore(),
    log: createLog('silent'),
    // Tests wait for them.
    analysing: { workers: createAnalysisWorkers({ niceness: 0 }), ...analyses },
    running: { drainMs: 0 },
    // Passwords of tests are no secrets: see make-template.ts.
    authenticating: { scryptN: 256 },
    ...given,
  })
  await deps.changes.listen()
  const server = createServer(createApp(deps, webFilesOf(projectDir)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const app: TestApp = {
    url,
    deps,
    takeQueries() {
      const taken = queries
      queries = []
      return taken
    },
    async graphql(query, variables) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
        body: JSON.stringify({ query, variables }),
      })
      return (await response.json()) as GraphQLAnswer
    },
    async upload(record) {
      return fetch(`${url}/upload`, {
        method: 'POST',
        headers: { Authorization: basicAuth(alice) },
        body: await bytesOf(encodeExecRecord(record)),
      })
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await deps.consoles.close()
      await Promise.all([
        deps.scheduler.close(),
        deps.transparency.close(),
        deps.runner.close(),
        deps.workers.close(),
        deps.readmeWorkers.close(),
      ])
      await deps.background.settled()
      await own.closeDatabase()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  if (!keep) onTestFinished(app.close)
  return app
}

/** As after a change of another process: what is remembered is forgotten. */
export async function noteChange({ deps: { writer } }: { deps: Pick<Deps, 'writer'> }): Promise<void> {
  await writer.transact(['facts'], () => Promise.resolve())
}

export async function bytesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<Buffer<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return Buffer.concat(parts)
}
