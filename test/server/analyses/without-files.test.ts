import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { linkProgram, type ProgramUnit } from '../../../demo/ocaml-program.ts'
import { sampleBuilds } from '../../../demo/sample-builds.ts'
import { createAnalysisWorkers } from '../../../server/analyses/analysis-handlers.ts'
import { kinds } from '../../../server/analyses/kinds.ts'
import { localCopies } from '../../../server/blobs/local-copies.ts'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import { diffSizes } from '../../../server/cli/diff-sizes.ts'
import { findComparedBuilds } from '../../../server/diffs/compared-build.ts'
import { createWorkerPool } from '../../../server/workers/worker-pool.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { analyseAll } from './analyse-all.ts'

// Analyses and comparisons on a store that has no files.

const program = (...units: ProgramUnit[]) =>
  linkProgram({
    compiler: '5.2.1',
    units,
    stubs: [],
    runsOn: { kind: 'solo5', target: 'hvt', devices: [] },
    texts: [],
  })
const unit = (name: string, codeKiB: number) => ({
  name,
  codeKiB,
  origin: `${name}.1`,
  directory: `${name}.1/src`,
})

const [leftUuid, rightUuid, failedUuid] = [uuidOf(1), uuidOf(2), uuidOf(3)]
const old = program(unit('Dns', 40))
const young = program(unit('Dns', 80), unit('Lru', 20))
const opamSwitch = [...sampleBuilds(new Date(0))]
  .flatMap(({ record }) => record.artifacts)
  .find(({ path }) => path === 'opam-switch')

/** What workers were given: JSON with the bytes as base64. */
const calls: { name: string; characters: number }[] = []
const watched = <Run extends (...args: never[]) => unknown>(run: Run): Run =>
  new Proxy(run, {
    apply(target, self, args: [string, unknown, unknown]) {
      const json = JSON.stringify(args[1], (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
      )
      calls.push({ name: args[0], characters: json.length })
      return Reflect.apply(target, self, args)
    },
  })

let app: TestApp
let copiesDir: string
beforeAll(async () => {
  const pool = createWorkerPool()
  const analysing = createAnalysisWorkers({ niceness: 0 })
  app = await testApp({
    keep: true,
    blobs: memoryBlobStore(),
    workers: { ...pool, run: watched(pool.run) },
    analyses: { workers: { ...analysing, run: watched(analysing.run) } },
  })
  copiesDir = join(app.deps.config.stagingDir, 'copies')
  const builds = [
    { uuid: leftUuid, files: old },
    { uuid: rightUuid, files: young },
  ]
  await receiveAll(app, [
    ...builds.map(({ uuid, files }) =>
      sampleRecord({
        uuid,
        artifacts: [
          file('bin/dns.hvt', files.stripped),
          file('dns.hvt.debug', files.debug),
          ...(opamSwitch ? [opamSwitch] : []),
        ],
      }),
    ),
    sampleRecord({ uuid: failedUuid, result: { kind: 'exited', code: 2n }, artifacts: [] }),
  ])
  await analyseAll(app)
  return () => app.close()
})

test('every analysis has a result', async () => {
  expect(app.deps.blobs.fileOf).toBeUndefined()
  const rows = await app.deps.db.queuedTask.findMany({
    where: { kind: { in: Object.keys(kinds) }, key: { not: '' } },
  })
  expect(rows.map(({ kind, state, error }) => ({ kind, state, error }))).toEqual(
    rows.map(({ kind }) => ({ kind, state: 'DONE', error: null })),
  )
  expect([...new Set(rows.map(({ kind }) => kind))].sort()).toEqual(Object.keys(kinds).sort())
})

test('a comparison finds the first difference and the sizes', async () => {
  const { data, errors } = await app.graphql(
    `query ($left: UUID!, $right: UUID!) { diff(left: $left, right: $right) {
      mainBinary { firstDifferingOffsetBytes } binarySize { reason summary } } }`,
    { left: leftUuid, right: rightUuid },
  )
  expect(errors).toBeUndefined()
  const first = old.stripped.findIndex((byte, at) => byte !== young.stripped[at])
  expect(data.diff.mainBinary.firstDifferingOffsetBytes).toBe(first)
  expect(data.diff.binarySize.reason).toBeNull()
  expect(data.diff.binarySize.summary).toContain('Lru')
})

test('the command line compares sizes', async () => {
  const builds = await findComparedBuilds(app.deps, [leftUuid, rightUuid])
  const [left, right] = [builds.get(leftUuid), builds.get(rightUuid)]
  if (!left || !right) throw new Error('the builds are stored')
  const copies = localCopies({ dir: join(copiesDir, 'of-command') })
  const workers = createWorkerPool()
  try {
    expect((await diffSizes({ copies, workers }, left, right))?.summary).toContain('Lru')
  } finally {
    await workers.close()
  }
})

test('workers are given paths of copies, and never a binary', () => {
  const analyses = calls.filter(({ name }) => name === 'analyse' || name === 'diffBinarySizes')
  expect(analyses.length).toBeGreaterThanOrEqual(6)
  expect(Math.max(...analyses.map(({ characters }) => characters))).toBeLessThan(2_000)
  // Each content once, although some analyses have the same input.
  const names = readdirSync(copiesDir).map((name) => name.split('.')[0])
  expect(new Set(names).size).toBe(names.length)
})
