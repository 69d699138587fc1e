import { createHash } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { Readable } from 'node:stream'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../record.ts'
import { alice } from '../template.ts'

/** A build that a client sends until it is acknowledged. */
export type Upload = { uuid: string; job: string; content: Buffer; body: Buffer<ArrayBuffer> }

const jobCount = 5

/** Each build has content of its own, and a whole input, which is analysed. */
export async function makeUpload(seed: string, n: number): Promise<Upload> {
  const random = createHash('sha512').update(`${seed} ${n}`).digest()
  const job = `job-${n % jobCount}`
  const upload = { uuid: uuidFrom(random), job, content: Buffer.concat(Array<Buffer>(64).fill(random)) }
  return { ...upload, body: await bodyOf(upload, `of ${upload.uuid}`) }
}

export async function bodyOf(
  { uuid, job, content }: Omit<Upload, 'body'>,
  input: string | null,
): Promise<Buffer<ArrayBuffer>> {
  const record = sampleRecord({
    ...{ uuid, job, startedAt: new Date(Date.now() - 120_000) },
    artifacts: [
      file('bin/hello', content),
      file('system-packages', 'gcc=12.2.0\n'),
      ...(input === null
        ? []
        : [file('build-environment', `INPUT=${input}\n`), file('opam-switch', 'opam-version: "2.0"\n')]),
    ],
  })
  return Buffer.from(await buffer(Readable.from(encodeExecRecord(record))))
}

export function uuidFrom(bytes: Buffer): string {
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** As builders, which give up an answer that does not come. */
const patienceMs = 30_000

/** `status` 0: there was no answer, or no whole one. */
export type Answer = { status: number; text: string; retryAfter: string | null }

export async function send(url: string, body: Buffer<ArrayBuffer>, withinMs = patienceMs): Promise<Answer> {
  try {
    const answer = await fetch(`${url}/upload`, {
      method: 'POST',
      headers: {
        Authorization: `Basic ${Buffer.from(`${alice.name}:${alice.password}`).toString('base64')}`,
      },
      body,
      signal: AbortSignal.timeout(withinMs),
    })
    return {
      status: answer.status,
      text: await answer.text(),
      retryAfter: answer.headers.get('retry-after'),
    }
  } catch {
    return { status: 0, text: '', retryAfter: null }
  }
}

/** Null: no answer, or no whole one. */
export async function get(
  url: string,
  withinMs = patienceMs,
): Promise<{ status: number; body: Buffer; location: string; retryAfter: string | null } | null> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(withinMs) })
    return {
      status: answer.status,
      body: Buffer.from(await answer.arrayBuffer()),
      location: answer.headers.get('location') ?? '',
      retryAfter: answer.headers.get('retry-after'),
    }
  } catch {
    return null
  }
}

export const buildPath = ({ job, uuid }: Pick<Upload, 'job' | 'uuid'>): string => `/job/${job}/build/${uuid}`
