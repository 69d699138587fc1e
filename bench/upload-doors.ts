import { request, type IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import Database from 'better-sqlite3'
import { uploadRecord } from '../demo/upload-record.ts'
import {
  encodeExecRecord,
  execRecordSizeBytes,
  type ExecRecord,
} from '../server/formats/exec-record-encoder.ts'
import { medianOf, type Measurement } from './report.ts'
import { makeDataDir, prepareDatabase, startServerProcess, user } from './server-process.ts'
import { record } from './uploads.ts'
import { countWaiting, until } from './waiting-analyses.ts'

const mebibyte = 1024 ** 2
/** Each of them uploads by both doors, one right after the other, so that both meet the same machine. */
const rounds = 5
/** Not more than this of the time that the raw door takes. */
const limit = 1.3

const boundary = '------------------------d74496d66958873e'
const query =
  'mutation ($r: File!) { uploadBuild(input: { record: $r }) { __typename ... on Refusal { message } } }'

/** Send a record as the file of a multipart mutation, as curl does. Throws unless the build is stored. */
async function uploadByMutation(url: string, build: ExecRecord): Promise<void> {
  const part = (name: string, content: string, more = '') =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}`
  const operations = JSON.stringify({ query, variables: { r: null } })
  const head = Buffer.from(
    `${part('operations', operations)}\r\n${part('map', '{"0":["variables.r"]}')}\r\n${part('0', '', '; filename="full"')}`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  async function* body() {
    yield head
    yield* encodeExecRecord(build)
    yield tail
  }
  const outgoing = request(new URL('/graphql', url), {
    method: 'POST',
    auth: `${user.name}:${user.password}`,
    headers: {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
      'Content-Length': head.length + execRecordSizeBytes(build) + tail.length,
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve)
    outgoing.once('error', reject)
  })
  await pipeline(Readable.from(body()), outgoing)
  const answer = await text(await answered)
  if (!answer.includes('UploadBuildSuccess')) throw new Error(`upload of ${build.uuid}: ${answer}`)
}

/** One record of `megabytes` by the multipart mutation, against the same by `POST /upload`. */
export async function measureUploadDoors({ megabytes }: { megabytes: number }): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  await prepareDatabase(dataDir)
  const server = await startServerProcess(dataDir)
  const db = new Database(dataDir.databaseFile, { readonly: true })
  const doors = {
    raw: (build: ExecRecord) => uploadRecord(server.url, user, build),
    mutation: (build: ExecRecord) => uploadByMutation(server.url, build),
  }
  const cost = async (door: keyof typeof doors, sizeBytes: number) => {
    const build = record(sizeBytes, 1)
    const cpuBefore = server.cpuMs()
    const startedAt = performance.now()
    await doors[door](build)
    const took = { wallMs: performance.now() - startedAt, cpuMs: server.cpuMs() - cpuBefore }
    // What is found of the main binary must not run beside the next upload.
    await until(() => countWaiting(db) === 0)
    return took
  }
  try {
    // A server that runs for years has its code compiled.
    for (let warmUp = 0; warmUp < 3; warmUp++)
      for (const door of ['raw', 'mutation'] as const) await cost(door, 32 * mebibyte)
    const raw: { wallMs: number; cpuMs: number }[] = []
    const mutation: { wallMs: number; cpuMs: number }[] = []
    for (let round = 0; round < rounds; round++) {
      raw.push(await cost('raw', megabytes * mebibyte))
      mutation.push(await cost('mutation', megabytes * mebibyte))
    }
    const compared = (field: 'wallMs' | 'cpuMs', what: string): Measurement => {
      const rawMs = medianOf(raw.map((one) => one[field]))
      return {
        what,
        value: medianOf(mutation.map((one) => one[field])),
        unit: 'ms',
        against: {
          what: `${limit} × POST /upload (${rawMs.toFixed(0)} ms)`,
          value: limit * rawMs,
          wanted: 'at most',
        },
      }
    }
    return [
      compared('wallMs', `upload of ${megabytes} MB by the multipart mutation`),
      compared('cpuMs', 'processor time of the server meanwhile'),
    ]
  } finally {
    db.close()
    await server.stop()
    dataDir.remove()
  }
}
