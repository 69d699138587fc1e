import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeExecRecord, type ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { findProjectDir } from '../server/project-dir.ts'
import { cpuMs } from './process-times.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, type DataDir } from './server-process.ts'

const wholeSite = 100_000
const jobs = 50
const mebibyte = 1024 ** 2
const minuteMs = 60_000

/** A record of a few kB. Four builds of a job in a row have the same input and main binary. */
function recordOf(n: number): ExecRecord {
  const [job, build] = [n % jobs, Math.floor(n / jobs)]
  const input = `${job}/${Math.floor(build / 4)}`
  const isFailed = build % 10 === 9
  const startedAt = new Date(Date.UTC(2025, 0, 1) + build * 3_600_000 + job)
  const file = (path: string, content: string) => {
    const bytes = Buffer.from(content)
    return { path, sizeBytes: bytes.length, data: () => [bytes] }
  }
  return {
    job: `job-${String(job).padStart(3, '0')}`,
    platform: ['debian-12', 'debian-13', 'freebsd-14'][build % 3] ?? '',
    uuid: createHash('sha256')
      .update(String(n))
      .digest('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, '$1-$2-$3-$4-$5'),
    startedAt,
    finishedAt: new Date(startedAt.getTime() + 60_000 + (n % 1000)),
    result: { kind: 'exited', code: isFailed ? 1n : 0n },
    script: Buffer.from('#!/bin/sh\nset -e\necho build\n'),
    console: Array.from({ length: 20 }, (_, line) => ({
      deltaNs: BigInt(line) * 1_000_000n,
      text: Buffer.from(`line ${line} of ${input}`),
    })),
    artifacts: [
      ...(isFailed ? [] : [file('bin/a.hvt', `main binary of ${input}`)]),
      file('opam-switch', 'opam-version: "2.0"\n'),
      file('build-environment', `PATH=/usr/bin/${input}\n`),
      file('system-packages', 'gcc=12.2.0\n'),
      file('README.md', `# Job ${job}\n`),
    ],
  }
}

type Run = { tookMs: number; cpuMs: number; grewBytes: number; pageMs: number[] }

/**
 * Runs a command of `hub` on a site in a process of its own, while a server of the site answers pages. `grewBytes`: what the
 * command's memory grew after a quarter of its time.
 */
async function runBeside(dataDir: DataDir, args: readonly string[], statuses = [0]): Promise<Run> {
  const server = await startServerProcess(dataDir)
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(findProjectDir(), 'dist/hub.mjs'), ...args], {
    env: { ...process.env, BUILDER_HUB_CONFIG: '', BUILDER_HUB_DATA_DIR: dataDir.path },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const { pid = 0 } = child
  const exited = once(child, 'exit') as Promise<[number | null]>
  let isOver = false
  void exited.then(() => (isOver = true))
  const [memory, pageMs, used]: [number[], number[], number[]] = [[], [], []]
  while (!isOver) {
    await sleep(100)
    const requestedAt = performance.now()
    await (await fetch(`${server.url}/job/job-00${pageMs.length % 10}`)).text()
    pageMs.push(performance.now() - requestedAt)
    const resident = residentBytes(pid)
    if (resident === null) continue
    memory.push(resident)
    used.push(cpuMs(pid))
  }
  const tookMs = performance.now() - startedAt
  const [status] = await exited
  await server.stop()
  if (status === null || !statuses.includes(status))
    throw new Error(`hub ${args.join(' ')} ended with ${status}`)
  const early = memory[Math.floor(memory.length / 4)] ?? 0
  return { tookMs, cpuMs: used.at(-1) ?? NaN, grewBytes: Math.max(0, ...memory) - early, pageMs }
}

function residentBytes(pid: number): number | null {
  try {
    // A process that has just ended has no memory.
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kibibytes === undefined ? null : Number(kibibytes) * 1024
  } catch {
    return null
  }
}

function measurementsOf(
  what: string,
  builds: number,
  { tookMs, cpuMs, grewBytes, pageMs }: Run,
): Measurement[] {
  const scale = wholeSite / builds / minuteMs
  const p95 = pageMs.toSorted((a, b) => a - b)[Math.floor(pageMs.length * 0.95)] ?? NaN
  const budget = (value: number) => ({ what: 'budget', value, wanted: 'at most' as const })
  const of = `${what} of ${builds} builds`
  return [
    { what: `${of}, as if 100,000`, value: tookMs * scale, unit: 'min', against: budget(10) },
    {
      what: `processor time of ${of}, as if 100,000`,
      value: cpuMs * scale,
      unit: 'min',
      against: budget(10),
    },
    {
      what: `memory that grows during ${of}`,
      value: grewBytes / mebibyte,
      unit: 'MiB',
      against: budget(100),
    },
    { what: `pages during ${of}, p95`, value: p95, unit: 'ms', against: budget(50) },
  ]
}

type Site = { dataDir: DataDir; imported: Run }

/** A site into which so many records were imported. The suites of one run share it. */
let shared: Promise<Site> | null = null
const siteOf = (builds: number): Promise<Site> => (shared ??= importSite(builds))

async function importSite(builds: number): Promise<Site> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const records = join(dirname(dataDir.path), `${dataDir.path}-records`)
  process.once('exit', () => {
    for (const path of [dataDir.path, records, `${dataDir.path}-backup`])
      rmSync(path, { recursive: true, force: true })
  })
  for (let n = 0; n < builds; n++) {
    const folder = join(records, String(Math.floor(n / 1_000)))
    if (n % 1_000 === 0) mkdirSync(folder, { recursive: true })
    await pipeline(Readable.from(encodeExecRecord(recordOf(n))), createWriteStream(join(folder, `${n}.full`)))
  }
  const imported = await runBeside(dataDir, ['import', 'records', records])
  rmSync(records, { recursive: true })
  return { dataDir, imported }
}

export async function measureImport(builds: number): Promise<Measurement[]> {
  return measurementsOf('import', builds, (await siteOf(builds)).imported)
}

export async function measureVerify(builds: number): Promise<Measurement[]> {
  const { dataDir } = await siteOf(builds)
  return measurementsOf('verify', builds, await runBeside(dataDir, ['verify', '--quick']))
}

/** Copied, not linked. */
export async function measureBackup(builds: number): Promise<Measurement[]> {
  const { dataDir } = await siteOf(builds)
  return measurementsOf(
    'backup',
    builds,
    await runBeside(dataDir, ['backup', `${dataDir.path}-backup`, '--copy']),
  )
}
