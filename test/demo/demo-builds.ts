import { createHash } from 'node:crypto'
import { sampleBuilds } from '../../demo/sample-builds.ts'
import type { ExecRecord } from '../../server/formats/exec-record-encoder.ts'

export const demoNow = new Date('2026-03-01T12:00:00Z')

/** A sample build with what the hub derives from a record. */
export type DescribedBuild = ExecRecord & {
  uploader: string
  isSuccess: boolean
  /** Artifacts by path. */
  files: ReadonlyMap<string, Uint8Array>
  hashes: ReadonlyMap<string, string>
  /** Path of the only artifact below `bin/`. */
  mainBinary: string | null
  inputId: string | null
  outputId: string | null
  ageDays: number
}

const inputPaths = ['opam-switch', 'build-environment', 'system-packages']

/** All sample builds, by docs/spec/exec-record.md: main binary, input id, success. */
export function demoBuilds(now: Date = demoNow, generate = sampleBuilds): DescribedBuild[] {
  return [...generate(now)].map(({ uploader, record }) => {
    const files = new Map(record.artifacts.map((file) => [file.path, bytesOf(file.data())]))
    const hashes = new Map([...files].map(([path, content]) => [path, sha256(content).toString('hex')]))
    const binaries = [...files.keys()].filter((path) => path.startsWith('bin/'))
    const mainBinary = binaries.length === 1 ? (binaries[0] ?? null) : null
    const inputs = inputPaths.flatMap((path) => files.get(path) ?? [])
    return {
      ...record,
      uploader,
      isSuccess: record.result.kind === 'exited' && record.result.code === 0n,
      files,
      hashes,
      mainBinary,
      inputId:
        inputs.length === inputPaths.length
          ? sha256(Buffer.concat(inputs.map(sha256))).toString('hex')
          : null,
      outputId: mainBinary === null ? null : (hashes.get(mainBinary) ?? null),
      ageDays: (now.getTime() - record.finishedAt.getTime()) / (24 * 60 * 60 * 1000),
    }
  })
}

export function sha256(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest()
}

export function textOf(build: DescribedBuild, path: string): string {
  return Buffer.from(build.files.get(path) ?? []).toString('utf8')
}

function bytesOf(data: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Uint8Array {
  if (!(Symbol.iterator in data)) throw new Error('the demo has its files in memory')
  return Buffer.concat([...data])
}
