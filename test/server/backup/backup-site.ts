import { cpSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect } from 'vitest'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { alice, basicAuth, bytesOf, temporaryDir } from '../../app.ts'
import { configOf, fillDataDir } from '../../durability/data-dir.ts'
import { hub } from '../../hub.ts'
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

/** Stores builds in a data directory, without a server. */
export async function addBuilds(dataDir: string, records: readonly ExecRecord[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'builder-hub-records-'))
  try {
    for (const record of records)
      writeFileSync(join(folder, `${record.uuid}.full`), await bytesOf(encodeExecRecord(record)))
    const args = ['import', 'records', folder, '--as', alice.name, '--data-dir', dataDir]
    expect(await hub(args)).toMatchObject({ status: 0 })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Builds of each site of `siteFrom`. */
export const siteRecords: readonly ExecRecord[] = [ownRecord(), ownRecord(), ownRecord()]

/** Fills a folder with the data directory of a site that has `siteRecords`. */
export async function fillSite(dataDir: string): Promise<void> {
  fillDataDir(dataDir)
  await addBuilds(dataDir, siteRecords)
}

export type BackupJson = Record<string, never> & { [key: string]: never }

/** A copy of a filled data directory, and a folder for its backups, which does not exist yet. */
export function siteFrom(filled: string) {
  const dataDir = temporaryDir()
  cpSync(filled, dataDir, { recursive: true })
  const config = configOf(dataDir)
  const at = ['--data-dir', dataDir]
  const dir = join(temporaryDir(), 'backups')
  const backup = async (...args: string[]) => {
    const outcome = await hub(['backup', dir, '--json', ...args, ...at])
    return { ...outcome, made: JSON.parse(outcome.stdout || 'null') as BackupJson }
  }
  return { config, dataDir, blobDir: config.blobDir, dir, at, backup }
}

/** A site that is filled once for the tests of a file. Each call copies it. */
export function useFilledSite(): () => ReturnType<typeof siteFrom> {
  let filled = ''
  beforeAll(async () => {
    filled = mkdtempSync(join(tmpdir(), 'builder-hub-filled-'))
    await fillSite(filled)
  })
  afterAll(() => rmSync(filled, { recursive: true }))
  return () => siteFrom(filled)
}
