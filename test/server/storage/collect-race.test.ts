import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { buffer } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { seededRandom } from '../../../demo/random.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'
import { listReferences } from '../../../server/storage/list-references.ts'
import { bytesOf, projectDir } from '../../app.ts'
import { configOf, makeDataDir } from '../../durability/data-dir.ts'
import { doors, send } from '../../durability/doors.ts'
import { startWatched } from '../../durability/server.ts'
import { emptyDatabase, isSqlite } from '../../database.ts'
import { isLong } from '../../long.ts'
import { file, sampleRecord } from '../../record.ts'
import { testRemoval } from '../facts/fact-site.ts'
import { templateDatabase } from '../../template.ts'

test('a process deletes the content of removed builds while another one stores it again', async () => {
  const rounds = isLong ? 300 : isSqlite ? 12 : 4
  const databaseUrl = isSqlite ? '' : await emptyDatabase(`TEMPLATE ${templateDatabase} STRATEGY FILE_COPY`)
  const environment: Record<string, string> = isSqlite ? {} : { BUILDER_HUB_DATABASE_URL: databaseUrl }
  const { url, deps, config, errors } = await startWatched({
    config: configOf(makeDataDir(), environment),
    runsTasks: true,
  })
  const { blobs, db, writer } = deps
  const collector = spawn(
    process.execPath,
    [
      ...['--import', 'tsx', join(projectDir, 'test/server/storage/collecting-process.ts')],
      ...[config.dataDir, databaseUrl],
    ],
    { cwd: projectDir, stdio: ['pipe', 'pipe', 'inherit'] },
  )
  onTestFinished(() => void collector.kill())
  let passes = 0
  let deletedCount = 0
  let waiting: { until: number; resolve: () => void }[] = []
  const lines = createInterface(collector.stdout).on('line', (line) => {
    if (line === 'pass') passes += 1
    else deletedCount = Number(line.replace('deleted ', ''))
    for (const { resolve } of waiting.filter(({ until }) => until <= passes)) resolve()
    waiting = waiting.filter(({ until }) => until > passes)
  })
  /** The collector has looked at everything that is there now. */
  const wholePass = () => new Promise<void>((resolve) => waiting.push({ until: passes + 2, resolve }))
  const random = seededRandom('uploads beside a collector')
  const upload = async () => {
    const names = Array.from({ length: 4 }, () => random.integer(1, 6))
    const record = sampleRecord({
      script: Buffer.from(`script ${random.integer(1, 3)}`),
      console: [{ deltaNs: 1_000n, text: Buffer.from(`console ${random.integer(1, 3)}`) }],
      artifacts: [...new Set(names)].map((name) => file(`share/${name}`, `content ${name}`)),
    })
    return send(random.pick(doors), url, await bytesOf(encodeExecRecord(record)))
  }
  const { transact } = writer
  // Half of the uploads meet a whole pass between their content and their rows; the others race.
  writer.transact = async (changes, action) => {
    if (random.integer(0, 1) === 0) await wholePass()
    return transact(changes, action)
  }
  for (let round = 0; round < rounds; round++) {
    const answers = await Promise.all([upload(), upload(), upload(), upload()])
    expect(answers.map(({ verdict }) => verdict)).toEqual(['stored', 'stored', 'stored', 'stored'])
    const builds = await db.build.findMany({ orderBy: { id: 'asc' }, select: { id: true } })
    for (const { id } of builds.slice(0, -random.integer(1, 3)))
      await transact(['builds'], (tx) => removeBuild(tx, id, testRemoval))
  }
  writer.transact = transact
  collector.stdin.end()
  await Promise.all([once(lines, 'close'), once(collector, 'exit')])
  expect(collector.exitCode).toBe(0)
  // At least what the first whole pass finds of an upload.
  expect(deletedCount).toBeGreaterThan(0)

  const referenced = new Set<string>()
  for await (const { id } of listReferences(db)) {
    referenced.add(id)
    const content = await blobs.open(id)
    expect(content, `blob ${id} of a row`).not.toBeNull()
    // Fails if the content is another one.
    if (content) await buffer(content)
  }
  for await (const progress of collectBlobs(deps, { graceMs: 0 })) expect(progress.strayCount).toBe(0)
  const stored: (string | null)[] = []
  for await (const { id } of blobs.list()) stored.push(id)
  expect(stored.sort()).toEqual([...referenced].sort())
  expect(errors).toEqual([])
})
