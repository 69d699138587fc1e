import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { importSite, writeRecord } from '../../import-site.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'
import { advisory, writeFeed } from './osv-feed.ts'

const program = `
roots: ["hello.1"]
installed: ["hello.1" "dns.9.0.0"]
package "hello" { depends: ["dns"] }
`

test('hub sbom prints the packages of a build in both formats, without a server', async () => {
  const site = await importSite()
  const dir = temporaryDir()
  const artifacts = [file('bin/hello', 'a binary'), file('opam-switch', program)]
  await writeRecord(join(dir, 'full'), sampleRecord({ uuid: uuidOf(1), artifacts }))
  expect(await site.hub('import', 'records', dir)).toMatchObject({ status: 0 })
  const print = async (...args: string[]) => {
    const { status, stderr, stdout } = await site.hub('sbom', ...args)
    expect([status, stderr]).toEqual([0, ''])
    return JSON.parse(stdout)
  }
  expect(await print(uuidOf(1))).toMatchObject({
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
    components: [{ name: 'dns', version: '9.0.0', purl: 'pkg:opam/dns@9.0.0' }],
  })
  expect(await print(uuidOf(1), '--format', 'spdx')).toMatchObject({
    spdxVersion: 'SPDX-2.3',
    packages: [{ name: 'hello' }, { name: 'dns' }],
  })
  expect(await site.hub('sbom', uuidOf(2))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`there is no build ${uuidOf(2)}`),
  })
})

test('hub advisories takes in a feed, and hub vex says whether it matters', async () => {
  const site = await importSite()
  const run = async (...args: string[]) => {
    const { status, stderr, stdout } = await site.hub(...args)
    expect([status, stderr]).toEqual([0, ''])
    return stdout
  }
  const feed = writeFeed(temporaryDir(), [advisory('T-2026-01'), advisory('T-2026-02')])
  expect(await run('advisories', 'list')).toContain('there are no advisories yet')
  expect(await run('advisories', 'import', feed)).toBe(`${feed}: 2 new, 0 changed, 0 known\n`)
  expect(await run('advisories', 'import', feed)).toBe(`${feed}: 0 new, 0 changed, 2 known\n`)
  const listed = (await run('advisories', 'list')).split('\n').toSorted()
  expect(listed).toEqual(['', 'T-2026-01 high Names are too long.', 'T-2026-02 high Names are too long.'])
  expect(JSON.parse(await run('advisories', 'list', '--json'))).toHaveLength(2)
  expect(await run('advisories', 'show', 'T-2026-01')).toContain(
    'T-2026-01: Names are too long.\nseverity: high (7.5)\naffected: dns before 9.1.0\n',
  )
  const why = ['--status', 'not_affected', '--justification', 'component_not_present', '--note', 'No dns.']
  expect(await run('vex', 'set', 'T-2026-01', '--job', 'hello', ...why)).toBe(
    'T-2026-01: not_affected for hello\n',
  )
  expect(await run('vex', 'list')).toBe('T-2026-01 hello not_affected component_not_present No dns.\n')
  expect(await site.hub('vex', 'set', 'T-3', '--job', 'hello', '--status', 'affected')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('there is no advisory T-3'),
  })
  expect(await site.hub('advisories', 'show', 'T-3')).toMatchObject({ status: 1 })
})
