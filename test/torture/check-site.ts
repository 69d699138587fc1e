import { execFile } from 'node:child_process'
import { builtProgram } from '../programs.ts'
import type { TortureSite } from './site.ts'
import { buildPath, get, type Upload } from './uploads.ts'

/**
 * What has to hold after each failure test, when all servers run again. Returns what does not:
 * each build that was acknowledged has its row, one entry in the audit log, and its content at one of the servers; there is no other
 * build.
 */
export async function checkSite(
  site: TortureSite,
  all: readonly Upload[],
  newest: readonly Upload[],
): Promise<string[]> {
  const rows = await site.ask<{ uuid: string }>('SELECT uuid FROM "Build"')
  const stored = new Set(rows.map(({ uuid }) => uuid))
  const known = new Set(all.map(({ uuid }) => uuid))
  const entries = await site.ask<{ target: string; count: number }>(
    `SELECT target, COUNT(*)::int AS count FROM "AuditEntry" WHERE action = 'build.upload' AND result = 'DONE' GROUP BY target`,
  )
  const audited = new Map(entries.map(({ target, count }) => [target, count]))
  return [
    ...[...known]
      .filter((uuid) => !stored.has(uuid))
      .map((uuid) => `${uuid} was acknowledged and has no row`),
    ...[...stored].filter((uuid) => !known.has(uuid)).map((uuid) => `${uuid} has a row and was never sent`),
    ...[...stored]
      .filter((uuid) => audited.get(uuid) !== 1)
      .map((uuid) => `${uuid} has ${audited.get(uuid) ?? 0} entries in the audit log`),
    ...(await checkContent(site, newest)),
  ]
}

/** What the product itself finds wrong: in all files and facts, in the log of statements, and in the audit log. */
export async function verifySite(site: TortureSite): Promise<string[]> {
  const found: string[] = []
  for (const command of ['verify --full', 'log verify', 'audit verify'])
    found.push(...(await verify(site, command)))
  return found
}

const inFlight = 4

async function checkContent({ servers }: TortureSite, uploads: readonly Upload[]): Promise<string[]> {
  const faults: string[] = []
  const left = [...uploads.entries()]
  async function checkNext(): Promise<void> {
    for (let one = left.pop(); one; one = left.pop()) {
      const [at, upload] = one
      const server = servers[at % servers.length]
      const url = `${server?.url}${buildPath(upload)}/f/bin/hello`
      let answer = await get(url)
      // A server that has just lost its connections says so.
      while (!answer || answer.status === 503) answer = await get(url)
      if (answer.status !== 200 || !answer.body.equals(upload.content))
        faults.push(`content of ${upload.uuid}: ${answer.status}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, checkNext))
  return faults
}

function verify({ settingsOf }: TortureSite, command: string): Promise<string[]> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [builtProgram('hub'), ...command.split(' ')],
      { env: { ...process.env, ...settingsOf(0) } },
      (error, stdout, stderr) =>
        resolve(error ? [`hub ${command}: ${stdout.slice(0, 1_000)} ${stderr.slice(0, 1_000)}`] : []),
    )
  })
}
