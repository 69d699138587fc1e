import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { alice, basicAuth, bytesOf } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'
import { siteOfCommands, type SiteOfCommands } from './remote-site.ts'

const switchWith = (version: string) => `
roots: ["hello.1"]
installed: ["hello.1" "dns.${version}"]
package "hello" { depends: ["dns"] }
`

let site: SiteOfCommands

beforeAll(async () => {
  site = await siteOfCommands({ BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org' })
  for (const [index, version] of ['9.0.0', '10.2.0'].entries()) {
    const record = sampleRecord({
      ...{ uuid: uuidOf(index + 1), job: index === 0 ? 'hello' : 'wéb site' },
      artifacts: [file('bin/hello', version), file('opam-switch', switchWith(version))],
    })
    const body = await bytesOf(encodeExecRecord(record))
    const headers = { Authorization: basicAuth(alice) }
    expect((await fetch(`${site.server.url}/upload`, { method: 'POST', headers, body })).status).toBe(201)
  }
  const isKnown = async () => (await site.local('package', 'show', 'dns')).stdout.includes('2 versions')
  await vi.waitUntil(isKnown, { timeout: 240_000, interval: 500 })
})
afterAll(() => site.stop())

test.for([
  'list builds',
  'list builds --job hello --format jsonl',
  'list outputs --verdict unconfirmed',
  'list packages',
  'package list',
  'package list d --ecosystem opam --json',
  'package list nothing',
  'package show dns',
  'package show dns --json',
  'package show dns --range <10 --json',
  'package show nothing',
  `sbom ${uuidOf(1)}`,
  `sbom ${uuidOf(2)} --format spdx`,
  `sbom ${uuidOf(3)}`,
])('hub %s says the same of a site as of its data directory', async (line) => {
  const args = line.split(' ')
  const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
  // The moment at which the document was made.
  const timeless = (text: string) => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'now')
  expect(near.stdout + near.stderr).not.toBe('')
  expect({ ...far, stdout: timeless(far.stdout) }).toEqual({ ...near, stdout: timeless(near.stdout) })
})
