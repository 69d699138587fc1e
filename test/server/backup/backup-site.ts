import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { alice, basicAuth, bytesOf } from '../../app.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { file, sampleRecord } from '../../record.ts'

/** A record with content of its own, beside content that all share. */
export function ownRecord(parts: Partial<ExecRecord> = {}): ExecRecord {
  const uuid = randomUUID()
  return sampleRecord({
    uuid,
    job: `job-${uuid.slice(0, 1)}`,
    artifacts: [
      file('bin/hello', randomBytes(3_000)),
      file('opam-switch', 'opam-version: "2.0"\n'),
      file('build-environment', `PATH=/usr/bin/${uuid}\n`),
      file('system-packages', 'gcc=12.2.0\n'),
      file('README.md', `# ${uuid}\n`),
    ],
    ...parts,
  })
}

/** The status of an upload of alice. */
export async function upload(url: string, record: ExecRecord): Promise<number> {
  const response = await fetch(`${url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: await bytesOf(encodeExecRecord(record)),
  })
  await response.text()
  return response.status
}

/** Paths of all blobs in a folder, as `ab/abcdef…`. */
export function blobsIn(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`))
    .sort()
}

export const linksOf = (path: string): number => statSync(path).nlink

/** The one element of a list. */
export function only<T>(list: readonly T[]): T {
  expect(list).toHaveLength(1)
  return list[0] as T
}
