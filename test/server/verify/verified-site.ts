import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import type { Config } from '../../../server/config.ts'
import { openDeps } from '../../../server/start-server.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { configOf, fillDataDir } from '../../durability/data-dir.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'

/** Records of three builds: two of one input with different outputs, and one that failed. */
export const records = [
  sampleRecord({ uuid: uuidOf(1), artifacts: artifactsOf('first', 'the same input') }),
  sampleRecord({
    uuid: uuidOf(2),
    startedAt: new Date('2026-11-02T10:00:00Z'),
    artifacts: artifactsOf('second', 'another input'),
    console: [
      { deltaNs: 1_000_000n, text: Buffer.from('one\ntwo') },
      { deltaNs: 2_500_000_000n, text: Buffer.from('three') },
    ],
  }),
  sampleRecord({
    ...{ uuid: uuidOf(3), job: 'other', result: { kind: 'exited', code: 1n } },
    artifacts: [file('log', 'a log'), file('empty', '')],
  }),
]

function artifactsOf(binary: string, opamSwitch: string) {
  return [
    file('bin/hello.hvt', `binary ${binary}`.repeat(50)),
    file('opam-switch', opamSwitch),
    file('build-environment', 'PATH=/usr/bin\n'),
    file('system-packages', 'gcc=12.2.0\n'),
    file('README.md', `# readme ${binary}`),
  ]
}

/** Content of the first build. */
export const binary = sha256('binary first'.repeat(50))
export const resultContent = '{"a":"result"}'
export const result = sha256(resultContent)

/** Makes a data directory whose builds have analyses with a result, once for a test file. */
export async function makeSite(dir: string): Promise<void> {
  fillDataDir(dir)
  const deps = await openDeps(configOf(dir), projectDir)
  try {
    await receiveAll({ deps }, records)
    const staged = await deps.blobs.stage(
      (async function* () {
        yield Buffer.from(resultContent)
      })(),
    )
    await deps.blobs.commit([staged])
    await deps.blobs.discard([staged])
    await deps.writer.transact([], (tx) =>
      tx.queuedTask.updateMany({
        where: { kind: 'SOLO5' },
        data: { state: 'DONE', version: 3, resultSha256: result, resultSizeBytes: resultContent.length },
      }),
    )
  } finally {
    await deps.closeDatabase()
  }
}

export type Copy = {
  config: Config
  /** Statements in the database, without foreign keys. */
  sql: (statements: string) => void
  rows: (statement: string) => Record<string, unknown>[]
  blob: (id: string) => string
  /** Names in the quarantine, without their times. */
  aside: () => string[]
  /** `hub verify … --json`. */
  verify: (...args: string[]) => Promise<Verified>
}

export type Line = {
  type: string
  kind?: string
  subject?: Record<string, string>
  detail?: string
  isMended?: boolean
  repairs?: string[]
  text?: string
}
export type Verified = { status: number | null; lines: Line[]; kinds: string[]; stderr: string }

/** A copy of the site; gone after the test. */
export function copySite(dir: string): Copy {
  const copy = temporaryDir()
  cpSync(dir, copy, { recursive: true })
  return openCopy(copy)
}

export function openCopy(dir: string): Copy {
  const config = configOf(dir)
  const withDatabase = <Value>(use: (database: Database.Database) => Value): Value => {
    const database = new Database(config.databaseFile)
    try {
      database.pragma('foreign_keys = OFF')
      return use(database)
    } finally {
      database.close()
    }
  }
  return {
    config,
    sql: (statements) => void withDatabase((database) => database.exec(statements)),
    rows: (statement) =>
      withDatabase((database) => database.prepare<[], Record<string, unknown>>(statement).all()),
    blob: (id) => join(config.blobDir, id.slice(0, 2), id),
    aside: () =>
      existsSync(config.quarantineDir)
        ? readdirSync(config.quarantineDir)
            .map((name) => name.replace(/\.\d+$/, ''))
            .sort()
        : [],
    async verify(...args) {
      const { status, stdout, stderr } = await hub(['verify', '--data-dir', dir, '--json', ...args])
      const lines = stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Line)
      const kinds = lines.flatMap(({ type, kind }) => (type === 'finding' && kind ? [kind] : [])).sort()
      return { status, lines, kinds, stderr }
    },
  }
}

export function flipLastByte(path: string): void {
  const bytes = readFileSync(path)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  writeFileSync(path, bytes)
}

/** A file that is two days old. */
export function leaveOld(path: string, content: string): void {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, content)
  const time = new Date(Date.now() - 2 * 24 * 3_600_000)
  utimesSync(path, time, time)
}

export const remove = (path: string): void => rmSync(path)
