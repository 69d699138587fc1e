import { uploadRecord } from '../demo/upload-record.ts'
import type { ExecRecord } from '../server/formats/exec-record-encoder.ts'
import { artifactPath, buildPath, jobPath } from '../server/paths.ts'
import { percentileOf, readWhole, timeOf } from './percentiles.ts'
import type { Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'

const rounds = 200
const builds = 20
const file = 'bin/bench.hvt'

type Load = { what: string; path: string; headers?: HeadersInit; statuses?: number[] }

/** The same build with content that is the same each time it is sent. */
async function fixed(build: ExecRecord): Promise<ExecRecord> {
  const artifacts = build.artifacts.map(async ({ data, ...own }) => {
    const pieces: Uint8Array[] = []
    for await (const piece of data()) pieces.push(piece)
    return { ...own, data: () => pieces }
  })
  return { ...build, artifacts: await Promise.all(artifacts) }
}

/** The main binary of a build, by the JSON of its job. */
async function hashOf(url: string, { job }: ExecRecord): Promise<string> {
  const answer = await fetch(url + jobPath(job), { headers: json })
  const { builds: listed } = (await answer.json()) as { builds: { main_binary: { sha256: string } | null }[] }
  const hash = listed.find(({ main_binary: main }) => main !== null)?.main_binary?.sha256
  if (hash === undefined) throw new Error(`${url} names no main binary of the job ${job}`)
  return hash
}

const json = { Accept: 'application/json' }
const html = { Accept: 'text/html' }

function loadsOf({ job, uuid }: ExecRecord, hash: string): Load[] {
  const [ofJob, ofBuild, ofFile] = [jobPath(job), buildPath(job, uuid), artifactPath(job, uuid, file)]
  return [
    { what: '/', path: '/', headers: html },
    { what: '/job/NAME', path: ofJob, headers: html },
    { what: '/job/NAME/build/UUID', path: ofBuild, headers: html },
    { what: '/hash?sha256=…', path: `/hash?sha256=${hash}`, headers: html, statuses: [301, 302, 303, 307] },
    { what: '/ as JSON', path: '/', headers: json },
    { what: '/job/NAME as JSON', path: ofJob, headers: json },
    { what: '/job/NAME/build/UUID as JSON', path: ofBuild, headers: json },
    { what: 'a file of 256 KiB', path: ofFile },
    // A server may know no ranges, and send all.
    {
      what: 'its first 4 KiB',
      path: ofFile,
      headers: { Range: 'bytes=0-4095' },
      statuses: [200, 206],
    },
  ]
}

/**
 * The same builds and the same requests at a new server of this version and at another one that speaks builder-web's URLs, one right
 * after the other, so that both meet the same machine. `peerUser`: NAME:PASSWORD, who uploads the builds there, where they stay.
 */
export async function measurePeer(peer: string, peerUser: string): Promise<Measurement[]> {
  if (peer === '') {
    process.stdout.write(
      'skipped: name another server by --peer URL, and who uploads there by --peer-user NAME:PASSWORD\n',
    )
    return []
  }
  const peerUrl = peer.replace(/\/+$/, '')
  const [name = '', ...password] = peerUser.split(':')
  const records = await Promise.all(Array.from({ length: builds }, () => fixed(record(256 * 1024, 4))))
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  const times = new Map<Load, { own: number[]; other: number[] }>()
  try {
    for (const one of records) {
      await uploadRecord(server.url, user, one)
      await uploadRecord(peerUrl, { name, password: password.join(':') }, one)
    }
    const newest = records.at(-1)
    if (!newest) throw new Error('there is no build')
    const loads = loadsOf(newest, await hashOf(server.url, newest))
    for (const load of loads) times.set(load, { own: [], other: [] })
    for (let round = 0; round < rounds; round++)
      for (const load of loads) {
        const { headers, path, statuses } = load
        const found = times.get(load)
        const ask = (url: string) => timeOf(() => readWhole(url + path, headers, statuses))
        const own = async () => found?.own.push(await ask(server.url))
        const other = async () => found?.other.push(await ask(peerUrl))
        // Who is asked first changes each time.
        for (const next of round % 2 === 0 ? [own, other] : [other, own]) await next()
      }
  } finally {
    await server.stop()
    dataDir.remove()
  }
  const warm = (values: readonly number[]) => values.slice(rounds / 10)
  return [...times].flatMap(([{ what }, { own, other }]) =>
    (
      [
        ['p50', 0.5],
        ['p95', 0.95],
      ] as const
    ).map(([word, part]): Measurement => ({
      ...{ what: `${what}, ${word}`, value: percentileOf(warm(own), part), unit: 'ms' },
      against: { what: 'the peer', value: percentileOf(warm(other), part), wanted: 'at most' },
    })),
  )
}
