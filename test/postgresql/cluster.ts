// A PostgreSQL server of the tests' own, in a temporary folder, run by a user without rights. A server that runs on
// the machine already is never touched.
//
//   npx tsx test/postgresql/cluster.ts      starts one, prints its address, and stops it on Ctrl-C
import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { databasesDir } from '../databases-dir.ts'

const execute = promisify(execFile)

/** Debian's folder of each version; the newest first. */
const versionsDir = '/usr/lib/postgresql'

/** Folder of PostgreSQL's programs; null if it is not installed, or older than 15. */
export function postgresqlBinDir(): string | null {
  if (!existsSync(versionsDir)) return null
  const binDirOf = (version: number) => join(versionsDir, String(version), 'bin')
  // Packages of clients alone have such folders, too.
  const versions = readdirSync(versionsDir)
    .map(Number)
    .filter((version) => version >= 15 && existsSync(join(binDirOf(version), 'postgres')))
  return versions.length > 0 ? binDirOf(Math.max(...versions)) : null
}

export type Cluster = {
  /** Address of the server's first database, `postgres`. */
  url: string
  urlOf: (database: string) => string
  /** Ends all connections at once, without a checkpoint, as a crash does, and starts again. */
  crash: () => Promise<void>
  /** Ends all connections in order, and starts again, as an upgrade does. */
  restart: () => Promise<void>
  stop: () => Promise<void>
}

/** A user without rights, when this process is root's: PostgreSQL refuses to run as root. */
type Owner = { uid: number; gid: number } | null

/**
 * Start a server. Throws if PostgreSQL is not installed. Unless `isDurable`, it does not wait for the disk: what it stores
 * is gone with it.
 */
export async function startCluster({ isDurable = false } = {}): Promise<Cluster> {
  const binDir = postgresqlBinDir()
  if (!binDir)
    throw new Error(`no PostgreSQL 15 or later in ${versionsDir}: install Debian's package postgresql`)
  const owner = process.getuid?.() === 0 ? await unprivilegedUser() : null
  const dir = mkdtempSync(join(isDurable ? tmpdir() : databasesDir, 'builder-hub-postgresql-'))
  chmodSync(dir, 0o755)
  if (owner) chownSync(dir, owner.uid, owner.gid)
  const data = join(dir, 'data')
  const options = { cwd: dir, ...owner }
  await execute(
    join(binDir, 'initdb'),
    ['-D', data, '-U', 'hub', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    options,
  )
  const port = await freePort()
  const urlOf = (database: string) => `postgresql://hub@127.0.0.1:${port}/${database}`
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: dir,
    max_connections: 200,
    ...(isDurable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  let server: ChildProcess
  async function start() {
    server = spawn(join(binDir ?? '', 'postgres'), ['-D', data, ...args], { ...options, stdio: 'ignore' })
    endWithUs(server)
    await untilReady(urlOf('postgres'), server)
  }
  // SIGINT: "fast". SIGQUIT: "immediate".
  async function end(signal: 'SIGINT' | 'SIGQUIT') {
    if (isOver(server)) return
    const ended = new Promise((resolve) => server.once('exit', resolve))
    server.kill(signal)
    await ended
  }
  await start()
  return {
    url: urlOf('postgres'),
    urlOf,
    async crash() {
      await end('SIGQUIT')
      await start()
    },
    async restart() {
      await end('SIGINT')
      await start()
    },
    async stop() {
      await end('SIGINT')
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A run of tests that ends without stopping it leaves no server behind. */
function endWithUs(server: ChildProcess): void {
  const end = () => void server.kill('SIGQUIT')
  process.once('exit', end)
  server.once('exit', () => process.off('exit', end))
}

/** The user that Debian's package makes. */
async function unprivilegedUser(): Promise<Owner> {
  const idOf = async (flag: string) => Number((await execute('id', [flag, 'postgres'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const isOver = (server: ChildProcess) => server.exitCode !== null || server.signalCode !== null

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  for (;;) {
    if (isOver(server)) throw new Error(`postgres ended: ${server.exitCode ?? server.signalCode}`)
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      return
    } catch {
      await sleep(50)
    } finally {
      await client.end().catch(() => {})
    }
  }
}

if (process.argv[1] === import.meta.filename) {
  const cluster = await startCluster()
  process.stdout.write(`${cluster.url}\n`)
  process.once('SIGINT', () => void cluster.stop())
  process.once('SIGTERM', () => void cluster.stop())
}
