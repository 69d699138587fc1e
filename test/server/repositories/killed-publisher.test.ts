import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, inject, onTestFinished, test } from 'vitest'
import { toBlobId } from '../../../server/blobs/blob-store.ts'
import { readConfig } from '../../../server/config.ts'
import type { Deps } from '../../../server/deps.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { publishHandler } from '../../../server/repositories/publish-handler.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { openDeps } from '../../../server/start-server.ts'
import { receiveBuild } from '../../../server/uploads/receive-build.ts'
import { bytesOf, projectDir, temporaryDir } from '../../app.ts'
import { emptyDatabase } from '../../database.ts'
import { debOf } from '../../formats/package-files.ts'
import { testProgram } from '../../programs.ts'
import { file, sampleRecord } from '../../record.ts'
import { settingsOf } from './killed-settings.ts'

async function* inOnePiece(bytes: Uint8Array) {
  yield bytes
}

/** A build of version `number` of a package, stored as by an import. */
async function store(deps: Deps, number: number): Promise<void> {
  const control = `Package: hello\nVersion: ${number}\nArchitecture: amd64\nDescription: says hello\n`
  const record = sampleRecord({
    startedAt: new Date(Date.UTC(2026, 9, number)),
    artifacts: [file('bin/hello.deb', await debOf(control))],
  })
  await receiveBuild(deps, null, inOnePiece(await bytesOf(encodeExecRecord(record))))
}

/** The versions that are published. Fails unless all that the index names is there, and nothing else. */
async function publishedVersions({ blobs, db }: Deps): Promise<string[]> {
  const rows = await db.repositoryFile.findMany({ where: { replacedAt: null } })
  const current = new Map(rows.map(({ path, sha256 }) => [path, sha256]))
  expect(current.size).toBe(rows.length)
  const textOf = async (path: string) => {
    const content = await blobs.open(toBlobId(current.get(path) ?? ''))
    expect(content, path).not.toBeNull()
    return content ? (await buffer(content)).toString() : ''
  }
  const folder = 'dists/debian-12'
  const release = await textOf(`${folder}/Release`)
  expect(await textOf(`${folder}/InRelease`)).toContain(release)
  for (const [, sha256, path] of release.matchAll(/^ ([0-9a-f]{64}) +\d+ (.*)$/gm))
    expect(current.get(`${folder}/${path}`)).toBe(sha256)
  const index = await textOf(`${folder}/main/binary-amd64/Packages`)
  const named = [...index.matchAll(/^Filename: (.*)$/gm)].map(([, path = '']) => path)
  expect(
    rows
      .map(({ path }) => path)
      .filter((path) => path.startsWith('pool/'))
      .sort(),
  ).toEqual(named.sort())
  return [...index.matchAll(/^Version: (.*)$/gm)].map(([, version = '']) => version).sort()
}

/** As a server that starts: publishes what waits, and stops. */
async function publish(deps: Deps): Promise<void> {
  const runner = createTaskRunner(deps, [publishHandler(deps)], { isAlone: true, drainMs: 0 })
  // The task is due at the start, whatever is left of it.
  await runner.start()
  await expect
    .poll(
      async () => {
        const task = await deps.db.queuedTask.findFirst({ where: { kind: 'PUBLISH_REPOSITORIES' } })
        return task?.state === 'PENDING' && task.dueAt.getTime() - Date.now() > 1_800_000
      },
      { interval: 20 },
    )
    .toBe(true)
  await runner.close()
  await rest(deps)
}

/** The next publication need not wait. */
const rest = ({ writer }: Deps) =>
  writer.transact([], (tx) =>
    tx.repository.updateMany({ data: { publishedAt: new Date(Date.now() - 60_000) } }),
  )

test('a server that is killed at a step of a publication leaves the former one whole, and the next start publishes', async () => {
  const dataDir = temporaryDir()
  const databaseUrl = inject('postgresqlUrl') === undefined ? '' : await emptyDatabase()
  writeFileSync(join(dataDir, 'repositories.toml'), '[apt.debian-12]\nkeep = 50\n')
  const deps = await openDeps(readConfig(settingsOf(dataDir, databaseUrl)), projectDir)
  onTestFinished(async () => {
    await deps.workers.close()
    await deps.closeDatabase()
  })
  await store(deps, 1)
  await publish(deps)
  expect(await publishedVersions(deps)).toEqual(['1'])
  await store(deps, 2)
  // Each start begins with what the last one has left.
  for (const [step, versions] of [
    ['claimed', ['1']],
    ['staged', ['1']],
    ['ran', ['1']],
    ['switching', ['1']],
    ['completing', ['1']],
    ['completed', ['1', '2']],
  ] as const) {
    const child = spawn(process.execPath, [testProgram('killed-publisher'), dataDir, databaseUrl, step], {
      stdio: 'inherit',
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    expect(await once(child, 'exit'), step).toEqual([null, 'SIGKILL'])
    expect(await publishedVersions(deps), step).toEqual(versions)
  }
  await rest(deps)
  await publish(deps)
  expect(await publishedVersions(deps)).toEqual(['1', '2'])
})
