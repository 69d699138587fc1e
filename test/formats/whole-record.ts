import type { ExecFacts, ExecLimits } from '../../server/formats/exec-record.ts'
import { readExecRecord } from '../../server/formats/exec-record.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'

/** All of a record in memory. `console` is oldest first, as in ExecRecord; sizes are what was announced. */
export type WholeRecord = ExecFacts & {
  script: Buffer
  scriptSizeBytes: number
  console: { deltaNs: bigint; text: Buffer }[]
  artifacts: { path: string; sizeBytes: number; data: Buffer }[]
}

export async function readWhole(
  source: AsyncIterable<Uint8Array>,
  limits?: ExecLimits,
): Promise<WholeRecord> {
  let script: Pick<WholeRecord, 'script' | 'scriptSizeBytes'> = { script: Buffer.of(), scriptSizeBytes: -1 }
  const console: WholeRecord['console'] = []
  const artifacts: WholeRecord['artifacts'] = []
  const facts = await readExecRecord(
    source,
    {
      job() {},
      async script(scriptSizeBytes, chunks) {
        script = { scriptSizeBytes, script: await join(chunks) }
      },
      platform() {},
      uuid() {},
      consoleEntry(deltaNs, text) {
        console.push({ deltaNs, text: Buffer.from(text) })
      },
      async artifact(path, sizeBytes, chunks) {
        artifacts.push({ path, sizeBytes, data: await join(chunks) })
      },
    },
    limits,
  )
  return { ...facts, ...script, console: console.reverse(), artifacts }
}

/** What was read, as the encoder takes it. */
export function encodable({ artifacts, ...rest }: WholeRecord): ExecRecord {
  return {
    ...rest,
    artifacts: artifacts.map(({ path, sizeBytes, data }) => ({ path, sizeBytes, data: () => [data] })),
  }
}

/** `bytes` in chunks of the sizes that `nextSize` gives; without a promise per chunk that waits for anything. */
export function chunksOf(
  bytes: Uint8Array,
  nextSize: () => number = () => bytes.length,
): AsyncIterable<Uint8Array> {
  let offset = 0
  const next = async (): Promise<IteratorResult<Uint8Array, undefined>> => {
    if (offset >= bytes.length) return { done: true, value: undefined }
    const value = bytes.subarray(offset, offset + nextSize())
    offset += value.length
    return { done: false, value }
  }
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

export async function join(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for await (const chunk of chunks) pieces.push(chunk)
  return Buffer.concat(pieces)
}

/** Numbers below `bound`, always the same for a seed (mulberry32). */
export function seeded(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
}
