import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import flags from '../scripts/server-flags.json' with { type: 'json' }
import { findProjectDir } from '../server/project-dir.ts'
import { migrateDatabase } from '../server/database/sqlite/migrate-sqlite.ts'
import { openDatabase } from '../server/database/sqlite/open-sqlite.ts'
import { byServer } from '../server/audit/actor.ts'
import { addUser } from '../server/users/add-user.ts'
import { cpuMs } from './process-times.ts'

const eventLoopWatch = pathToFileURL(join(import.meta.dirname, 'watch-event-loop.mjs')).href

export const user = { name: 'bench', password: 'bench' }

export type DataDir = { path: string; databaseFile: string; remove: () => void }

/** An empty data directory. */
export function makeDataDir(): DataDir {
  const path = mkdtempSync(join(tmpdir(), 'builder-hub-bench-'))
  return {
    path,
    databaseFile: join(path, 'builder-hub.sqlite3'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

/** Bring its database to the newest schema, and add the user. */
export async function prepareDatabase({ databaseFile }: DataDir): Promise<void> {
  migrateDatabase(databaseFile, join(findProjectDir(), 'prisma/migrations'))
  const database = await openDatabase(databaseFile)
  await addUser(database.writer, byServer(), { ...user, unrestricted: true })
  // As on a server that has run for a while: nothing is rebuilt in the background. What jobs show, the seed says.
  await database.writer.transact([], (tx) => tx.factRebuild.deleteMany())
  await database.closeDatabase()
}

/** How late the event loop of the server came to its timers: what every request waits for, in ms. */
export type EventLoopDelay = { p95Ms: number; maxMs: number }

export type ServerProcess = {
  url: string
  pid: number
  startMs: number
  /** Resident memory now, and its highest since the last reset, in bytes. */
  memory: () => { now: number; peak: number }
  resetPeak: () => void
  /** Processor time of the process until now, in steps of 10 ms. */
  cpuMs: () => number
  /** Of a server that was started with `watchesEventLoop`. */
  eventLoop: { reset: () => void; read: () => Promise<EventLoopDelay> }
  stop: () => Promise<void>
}

/** Start the built server in a process of its own, as operators do. */
export async function startServerProcess(
  dataDir: DataDir,
  settings: Record<`BUILDER_HUB_${string}`, string> = {},
  { watchesEventLoop = false } = {},
): Promise<ServerProcess> {
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    [
      ...flags,
      ...(watchesEventLoop ? ['--import', eventLoopWatch] : []),
      join(findProjectDir(), 'dist/server.mjs'),
      '--port',
      '0',
    ],
    {
      env: {
        ...process.env,
        BUILDER_HUB_DATA_DIR: dataDir.path,
        BUILDER_HUB_LOG_LEVEL: 'error',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`the server ended with status ${code} before it was ready`)),
    )
    createInterface({ input: child.stdout as Readable }).on('line', (line) => {
      const found = /ready at (http:\S+)/.exec(line)
      if (found?.[1]) resolve(found[1])
    })
  })
  // On a busy machine a check of the server may be late. Throws when the server ends.
  while (!(await fetch(`${url}/ready`)).ok) await sleep(100)
  const startMs = performance.now() - startedAt
  const { pid } = child
  if (pid === undefined) throw new Error('the server has no process id')
  const proc = `/proc/${pid}`
  return {
    url,
    pid,
    startMs,
    memory() {
      const status = readFileSync(`${proc}/status`, 'utf8')
      const bytes = (field: string) =>
        Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) * 1024
      return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
    },
    resetPeak() {
      writeFileSync(`${proc}/clear_refs`, '5')
    },
    cpuMs: () => cpuMs(pid),
    eventLoop: {
      reset() {
        child.send('reset')
      },
      async read() {
        const answered = once(child, 'message')
        child.send('read')
        const [delay] = (await answered) as [EventLoopDelay]
        return delay
      },
    },
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
    },
  }
}
