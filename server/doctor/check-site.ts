import { existsSync, statSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import * as z from 'zod'
import type { Config } from '../config.ts'
import { DataDirInUseError } from '../data-dir-lock.ts'
import { lockSite } from '../lock-site.ts'
import { formatByteSize } from '../byte-size.ts'
import { ok, problem, warning, type Finding } from './check.ts'

/** What is looked at of the database of a site, before it is opened. */
type CheckedDatabase = {
  name: string
  isNew: () => Promise<boolean>
  migrations: () => Promise<{ states: { name: string; isApplied: boolean }[]; newer: string | null }>
  lock: () => Promise<{ release: () => Promise<void> }>
}

/** With less room than this part of the disk, the operator should act. */
export const lowRoom = 0.05

/** Whether the data directory is there, for the user of the server alone, and has room for the largest upload. */
export async function checkDataDir({ dataDir, uploadMaxBytes }: Config): Promise<Finding[]> {
  if (!existsSync(dataDir))
    return [problem(`${dataDir} does not exist: name the data directory of the server by --data-dir`)]
  const found: Finding[] = []
  const { mode, uid } = statSync(dataDir)
  if ((mode & 0o007) !== 0)
    found.push(
      warning(`every user of this machine can enter ${dataDir}, which has password hashes: chmod it to 0700`),
    )
  const self = process.getuid?.()
  if (self !== undefined && self !== 0 && uid !== self)
    found.push(problem(`${dataDir} belongs to another user: run this as the user of the server`))
  const { bavail, blocks, bsize } = await statfs(dataDir)
  const free = bavail * bsize
  if (free < uploadMaxBytes)
    found.push(
      warning(
        `${formatByteSize(free)} are free at ${dataDir}, less than the largest upload that is accepted ` +
          `(${formatByteSize(uploadMaxBytes)}): free some room, or lower --upload-max-bytes`,
      ),
    )
  else if (bavail < blocks * lowRoom)
    found.push(warning(`less than ${lowRoom * 100} % of the disk of ${dataDir} is free: free some room`))
  return found.length > 0
    ? found
    : [ok(`${dataDir} is for the user of the server alone, and ${formatByteSize(free)} are free`)]
}

/** Whether the database answers and has the schema of this version. */
export async function checkDatabase(database: CheckedDatabase): Promise<Finding[]> {
  if (await database.isNew())
    return [problem(`${database.name} is absent or empty: check the settings, or start the server once`)]
  const { newer, states } = await database.migrations()
  if (newer !== null) return [problem(newer)]
  const missing = states.filter(({ isApplied }) => !isApplied).map(({ name }) => name)
  return missing.length > 0
    ? [warning(`${database.name} lacks ${missing.join(', ')}: the server migrates it at its next start`)]
    : [ok(`${database.name} has the schema of this version`)]
}

const Health = z.object({
  checks: z.record(z.string(), z.object({ status: z.string(), output: z.string().optional() })),
})

/** Whether a server runs, and what it says of its health. */
export async function checkServer(
  { dataDir, host, port }: Config,
  database: CheckedDatabase,
): Promise<Finding[]> {
  if (!(await isServed(dataDir, database)))
    return [warning('no server runs: start it, and look at its log if it does not')]
  const url = `http://${addressOf(host)}:${port}/health/ready`
  let answer
  try {
    answer = await fetch(url, { signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    const why =
      error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
    return [problem(`a server uses ${dataDir}, but ${url} does not answer (${why}): check --host and --port`)]
  }
  const health = Health.safeParse(await answer.json().catch(() => null))
  if (!health.success)
    return [
      problem(
        `another program answers at ${url}: check --port, and on which port the server of ${dataDir} listens`,
      ),
    ]
  const bad = Object.values(health.data.checks).filter(({ status }) => status !== 'pass')
  if (bad.length === 0) return [ok(`the server at ${url} is ready`)]
  return bad.map(({ status, output = '' }) => (status === 'warn' ? warning(output) : problem(output)))
}

async function isServed(dataDir: string, database: CheckedDatabase): Promise<boolean> {
  try {
    const lock = await lockSite(dataDir, database)
    await lock.release()
    return false
  } catch (error) {
    if (error instanceof DataDirInUseError) return true
    throw error
  }
}

/** An address of this machine at which a server that listens on `host` answers. */
function addressOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** Whether visitors reach the server through their proxy. */
export async function checkPublicUrl({ publicUrl, trustedProxies }: Config): Promise<Finding[]> {
  if (publicUrl === '') {
    return trustedProxies > 0
      ? [
          warning(
            'a proxy is trusted, but --public-url is not set: links in feeds depend on what the proxy sends',
          ),
        ]
      : [ok('the site is reached directly, without a proxy')]
  }
  const url = `${publicUrl}/health/live`
  let answer
  try {
    answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(10_000) })
  } catch (error) {
    const why =
      error instanceof Error ? ((error.cause as Error | undefined)?.message ?? error.message) : String(error)
    return [
      problem(`${url} does not answer (${why}): check the proxy, its certificate and the name of the site`),
    ]
  }
  // Otherwise the connection stays open.
  await answer.body?.cancel()
  const found: Finding[] = []
  if (answer.status !== 200)
    found.push(problem(`${url} answers ${answer.status}: the proxy does not pass it to this site`))
  if (trustedProxies === 0)
    found.push(
      warning(
        'visitors come through --public-url, but no proxy is trusted: if there is one, set --trusted-proxies, ' +
          'or all of them share one address and its limits',
      ),
    )
  return found.length > 0 ? found : [ok(`${publicUrl} leads to the server`)]
}
