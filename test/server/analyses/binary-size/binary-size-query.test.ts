import { beforeAll, describe, expect, test } from 'vitest'
import { linkProgram, type ProgramSource } from '../../../../demo/ocaml-program.ts'
import type { ExecRecord } from '../../../../server/formats/exec-record-encoder.ts'
import { testApp, type TestApp } from '../../../app.ts'
import { file, sampleRecord } from '../../../record.ts'
import { receiveAll } from '../../graphql-site.ts'
import { analyseAll } from '../analyse-all.ts'

const source: ProgramSource = {
  compiler: '5.2.1',
  units: [{ name: 'Dns', codeKiB: 40, origin: 'dns.10.0.0', directory: 'dns.10.0.0/src' }],
  stubs: [],
  runsOn: { kind: 'solo5', target: 'hvt', devices: [] },
  texts: [],
}
const program = linkProgram(source)
const larger = linkProgram({
  ...source,
  units: [
    { name: 'Dns', codeKiB: 80, origin: 'dns.11.0.0', directory: 'dns.11.0.0/src' },
    { name: 'Lru', codeKiB: 20, origin: 'lru.1', directory: 'lru.1/src' },
  ],
})

const withFiles = (...artifacts: ExecRecord['artifacts']) => sampleRecord({ artifacts })
const builds = {
  old: withFiles(file('bin/dns.hvt', program.stripped), file('dns.hvt.debug', program.debug)),
  new: withFiles(file('bin/dns.hvt', larger.stripped), file('dns.hvt.debug', larger.debug)),
  stripped: withFiles(file('bin/dns.hvt', program.stripped)),
  foreign: withFiles(file('bin/dns.hvt', program.stripped), file('dns.hvt.debug', larger.debug)),
  deb: withFiles(file('bin/dns.deb', '!<arch>\ndebian-binary   ')),
  failed: sampleRecord({ result: { kind: 'exited', code: 1n }, artifacts: [] }),
}

let app: TestApp

beforeAll(async () => {
  app = await testApp({ keep: true })
  await receiveAll(app, Object.values(builds))
  return () => app.close()
})

async function ask(query: string, variables: Record<string, unknown>) {
  const { data, errors } = await app.graphql(query, variables)
  if (errors) throw new Error(JSON.stringify(errors))
  return data
}

const facts = `fileSizeBytes explainedBytes unexplainedBytes debugBytes loadedWithoutSymbolBytes otherBytes
  zeroFilledBytes foldedBytes foldedCount foldedBelowBytes hasSymbols reason`
const sizeQuery = `query ($uuid: UUID!) { build(uuid: $uuid) { binarySize { ${facts}
  tree { names kinds parents sizesBytes }
  packages(first: 3) { name kind packageName sizeBytes codeBytes dataBytes }
  modules(first: 2) { name kind packageName sizeBytes codeBytes dataBytes } } } }`
const diffQuery = `query ($left: UUID!, $right: UUID!) { diff(left: $left, right: $right) { binarySize {
  reason summary sizeDeltaBytes left { fileSizeBytes } right { fileSizeBytes }
  tree { names kinds parents leftSizesBytes rightSizesBytes }
  packages { name kind packageName leftBytes rightBytes sizeDeltaBytes }
  modules(first: 1) { name packageName sizeDeltaBytes } } } }`

const sizeOf = async ({ uuid }: ExecRecord) => (await ask(sizeQuery, { uuid })).build.binarySize
const diffOf = async (left: ExecRecord, right: ExecRecord) =>
  (await ask(diffQuery, { left: left.uuid, right: right.uuid })).diff.binarySize

/** The table that each statement begins with, since `takeQueries` was called. */
const statements = () => app.takeQueries().map((text) => /\b(?:FROM|from) (\S+)/.exec(text)?.[1])

describe.sequential('before it is analysed', () => {
  test('a build says nothing of sizes', async () => {
    expect(await sizeOf(builds.old)).toBeNull()
  })

  test('a comparison says why it says nothing', async () => {
    expect(await diffOf(builds.old, builds.new)).toEqual({
      reason:
        'the binary of the left build is not analysed yet; the binary of the right build is not analysed yet',
      summary: null,
      sizeDeltaBytes: null,
      left: null,
      right: null,
      tree: null,
      packages: [],
      modules: [],
    })
  })
})

describe.sequential('when it is analysed', () => {
  beforeAll(() => analyseAll(app))

  test('a build says where the bytes of its debug binary come from', async () => {
    const size = await sizeOf(builds.old)
    expect(size).toMatchObject({ fileSizeBytes: program.debug.length, hasSymbols: true, reason: null })
    expect(size.explainedBytes + size.unexplainedBytes).toBe(program.debug.length)
    expect(size.debugBytes + size.loadedWithoutSymbolBytes + size.otherBytes).toBe(size.unexplainedBytes)
    const { names, kinds, parents, sizesBytes: sizes } = size.tree
    expect([names[0], kinds[0], parents[0], sizes[0]]).toEqual(['file', 'FILE', null, program.debug.length])
    expect([kinds.length, parents.length, sizes.length]).toEqual(Array(3).fill(names.length))
    const dns = names.indexOf('dns')
    expect(kinds[dns]).toBe('PACKAGE')
    expect(size.packages.map(({ name }: { name: string }) => name)).toEqual(['ocaml', 'OCaml runtime', 'dns'])
    expect(size.modules[0]).toMatchObject({ kind: 'MODULE', packageName: 'ocaml' })
    const [{ sizeBytes, codeBytes, dataBytes }] = size.packages
    expect(codeBytes + dataBytes).toBe(sizeBytes)
  })

  test('a stripped binary has sections, and a reason', async () => {
    const size = await sizeOf(builds.stripped)
    expect(size).toMatchObject({ explainedBytes: 0, hasSymbols: false, packages: [], modules: [] })
    expect(size.reason).toContain('no symbols')
    expect(size.tree.names).toContain('.text')
  })

  test('a Debian package has a reason alone', async () => {
    const size = await sizeOf(builds.deb)
    expect(size.reason).toBe('it is no ELF file but a Debian package')
    expect(size.tree).toEqual({
      names: ['file'],
      kinds: ['FILE'],
      parents: [null],
      sizesBytes: [size.fileSizeBytes],
    })
  })

  test('a build that failed says nothing', async () => {
    expect(await sizeOf(builds.failed)).toBeNull()
  })

  test('a comparison contains the growth', async () => {
    const diff = await diffOf(builds.old, builds.new)
    expect(diff.reason).toBeNull()
    expect(diff.sizeDeltaBytes).toBe(larger.debug.length - program.debug.length)
    expect([diff.left.fileSizeBytes, diff.right.fileSizeBytes]).toEqual([
      program.debug.length,
      larger.debug.length,
    ])
    const { names, leftSizesBytes: leftSizes, rightSizesBytes: rightSizes } = diff.tree
    expect([leftSizes[0], rightSizes[0]]).toEqual([program.debug.length, larger.debug.length])
    expect(leftSizes[names.indexOf('lru')]).toBe(0)
    expect(diff.packages.map(({ name }: { name: string }) => name)).toEqual(['dns', 'lru'])
    expect(diff.packages[1]).toMatchObject({ kind: 'PACKAGE', leftBytes: 0, packageName: null })
    expect(diff.packages[1].sizeDeltaBytes).toBe(diff.packages[1].rightBytes)
    expect(diff.modules).toEqual([
      { name: 'Dns', packageName: 'dns', sizeDeltaBytes: diff.packages[0].sizeDeltaBytes },
    ])
    expect(diff.summary).toMatch(/^\+[\d.]+ KiB: .*\+[\d.]+ KiB in dns/)
  })

  test('a build compared with itself changed nothing', async () => {
    const diff = await diffOf(builds.old, builds.old)
    expect(diff).toMatchObject({
      sizeDeltaBytes: 0,
      summary: 'nothing changed its size',
      packages: [],
      modules: [],
    })
  })

  test.each([
    ['deb', 'the binary of the right build cannot be analysed: it is no ELF file but a Debian package'],
    ['failed', 'the right build has no main binary'],
  ] as const)('a comparison with a %s build says why there is none', async (name, reason) => {
    const diff = await diffOf(builds.old, builds[name])
    expect(diff).toMatchObject({ reason, summary: null, tree: null })
  })

  test.each([-1, 101])('first: %i is refused', async (first) => {
    const query = `query ($uuid: UUID!) { build(uuid: $uuid) { binarySize { packages(first: ${first}) { name } } } }`
    const { errors } = await app.graphql(query, { uuid: builds.old.uuid })
    expect(errors?.[0]?.message).toBe(`first must be between 0 and 100, not ${first}`)
  })

  test('a page of builds costs one statement more, whatever is asked of their sizes', async () => {
    app.takeQueries()
    const query = `{ job(name: "hello") { builds(first: 10) { edges { node { uuid binarySize {
      ${facts} tree { sizesBytes } packages { name } modules { name } } } } } } }`
    const { job } = await ask(query, {})
    expect(job.builds.edges).toHaveLength(Object.keys(builds).length)
    expect(statements()).toMatchSnapshot()
  })

  test('a comparison costs one statement for the sizes of both', async () => {
    app.takeQueries()
    await diffOf(builds.new, builds.old)
    expect(statements()).toMatchSnapshot()
  })
})

test('one binary beside several files of debug information has a result for each', async () => {
  const [own, foreign] = [await sizeOf(builds.old), await sizeOf(builds.foreign)]
  expect([own.fileSizeBytes, own.hasSymbols, own.reason]).toEqual([program.debug.length, true, null])
  expect([foreign.fileSizeBytes, foreign.hasSymbols]).toEqual([program.stripped.length, false])
  expect(foreign.reason).toBe(
    'the file with debug information is of another binary: its code has another place or size than that of the ' +
      'main binary, and one of them has no build id; it has no symbols: it was stripped of them',
  )
  const query = `query ($uuid: UUID!) { build(uuid: $uuid) { analyses(kinds: [BINARY_SIZE]) { id inputSha256 state } } }`
  const found = []
  for (const { uuid } of [builds.old, builds.foreign, builds.stripped])
    found.push((await ask(query, { uuid })).build.analyses[0])
  expect(found).toMatchObject(Array(3).fill({ inputSha256: found[0].inputSha256, state: 'READY' }))
  expect(new Set(found.map(({ id }) => id)).size).toBe(3)
  for (const { id } of found)
    expect((await ask('query ($id: ID!) { node(id: $id) { id } }', { id })).node).toEqual({ id })
})
