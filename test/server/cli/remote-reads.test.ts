import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { listKeys } from '../../../server/signing/list-keys.ts'
import { alice, basicAuth, bytesOf } from '../../app.ts'
import { hub } from '../../hub.ts'
import { file, sampleRecord } from '../../record.ts'
import { advisory, writeFeed } from '../advisories/osv-feed.ts'
import { sha256, uuidOf } from '../graphql-site.ts'
import { siteOfCommands, type SiteOfCommands } from './remote-site.ts'

const policy = JSON.stringify({
  version: 1,
  attesters: [{ user: 'alice', group: 'robur' }],
  rules: [{ jobs: ['hello'], groups: 1 }],
  exempt: [{ job: 'firm*', reason: 'nobody else has the key' }],
})

const records = [
  sampleRecord({
    uuid: uuidOf(1),
    artifacts: [
      file('bin/hello.hvt', 'a unikernel'),
      file('build-environment', 'HOME=/a\n'),
      file('README.md', '# Hello'),
    ],
  }),
  sampleRecord({
    ...{ uuid: uuidOf(2), platform: 'freebsd-14' },
    artifacts: [file('bin/hello.hvt', 'a unikernel, longer'), file('build-environment', 'HOME=/b\n')],
  }),
  // By a clock that is ahead.
  sampleRecord({
    ...{ uuid: uuidOf(3), job: 'firmware', startedAt: new Date('2100-01-01T00:00:00Z') },
    artifacts: [file('bin/firmware', 'firm')],
  }),
  sampleRecord({
    ...{ uuid: uuidOf(4), job: 'web', artifacts: [], result: { kind: 'exited', code: 20n } },
    console: [{ deltaNs: 1n, text: Buffer.from('Error: Library "seq" not found.') }],
  }),
]

const packageCount = 120
const at = new Date('2026-11-30T10:00:00Z')

let site: SiteOfCommands
let recordFile: string

beforeAll(async () => {
  site = await siteOfCommands(
    { BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org', BUILDER_HUB_SIGNING: 'on' },
    { 'policy.json': policy },
  )
  for (const record of records) {
    const body = await bytesOf(encodeExecRecord(record))
    const headers = { Authorization: basicAuth(alice) }
    expect((await fetch(`${site.server.url}/upload`, { method: 'POST', headers, body })).status).toBe(201)
  }
  recordFile = join(site.dir, 'left.full')
  writeFileSync(recordFile, await bytesOf(encodeExecRecord(records[0] ?? sampleRecord())))
  await addRows()
  const feed = writeFeed(site.dir, [advisory('OSEC-2026-05')])
  expect((await site.local('advisories', 'import', feed)).status).toBe(0)
  const said = ['OSEC-2026-05', '--job', 'web*', '--status', 'affected', '--note', 'not yet']
  expect((await site.remote('vex', 'set', ...said)).status).toBe(0)
  const isJudged = async () => /TRUSTED: 2 outputs/.test((await site.local('policy', 'show')).stdout)
  await vi.waitUntil(isJudged, { timeout: 240_000, interval: 500 })
  const isFound = async () => (await site.local('search', 'library', 'seq')).status === 0
  await vi.waitUntil(isFound, { timeout: 240_000, interval: 500 })
})
afterAll(() => site.stop())

async function addRows(): Promise<void> {
  await site.server.deps.writer.transact([], async (tx) => {
    const { id: userId } = await tx.user.update({
      where: { name: alice.name },
      data: { email: 'alice@example.org', emailConfirmedAt: at },
    })
    const choice = { jobs: '["web*"]', events: '["FIXED","SILENT"]', digest: 'DAILY', createdAt: at }
    await tx.subscription.create({ data: { userId, ...choice, platforms: '["debian-12"]' } })
    await tx.subscription.create({ data: { userId, ...choice, platforms: null } })
    await tx.repository.create({
      data: {
        ...{ name: 'apt/debian-12', contentSha256: '0'.repeat(64), publishedAt: at, packageCount },
        details: JSON.stringify({
          ...{ fingerprints: ['AB'], suite: 'debian-12', component: 'main', architectures: ['amd64'] },
          ...{ shadowedCount: 1, unreadableCount: 1 },
          shadowed: [
            { name: 'a', version: '1', architecture: 'amd64', sha256: sha256('a'), by: sha256('b') },
          ],
          unreadable: [{ job: 'hello', sha256: sha256('c'), problem: 'it is no archive' }],
        }),
      },
    })
    for (let n = 0; n < packageCount; n += 1) {
      const id = sha256(`package ${n}`)
      const own = { name: `p${n}`, version: '1.0', architecture: 'amd64', control: '', format: 'DEB' }
      await tx.package.create({ data: { sha256: id, ...own } })
      const place = { repository: 'apt/debian-12', path: `pool/p${n}.deb`, sha256: id }
      await tx.repositoryFile.create({ data: { ...place, sizeBytes: 5, publishedAt: at } })
    }
  })
}

/** What a command prints both ways, between two times that it prints the same here: statements are signed meanwhile. */
async function bothWays(args: readonly string[]) {
  return vi.waitUntil(
    async () => {
      const before = await site.local(...args)
      const far = await site.remote(...args)
      const near = await site.local(...args)
      return JSON.stringify(before) === JSON.stringify(near) && { far, near }
    },
    { timeout: 120_000, interval: 200 },
  )
}

test.for([
  ['log show', 'log builds.example.org/log with '],
  ['log show --json', '"origin": "builds.example.org/log"'],
  ['policy show', '1 attester in 1 group'],
  ['policy show --json', '"TRUSTED": 2'],
  [`policy show ${sha256('a unikernel')}`, 'for: alice, group robur, uploaded'],
  [`policy show ${sha256('a unikernel')} --json`, '"side": "FOR"'],
  [`policy show ${sha256('firm')}`, 'firmware on debian-12: EXEMPT: nobody else has the key'],
  [`policy show ${sha256('nothing')}`, 'the policy has said nothing'],
  ['search hello', 'job hello'],
  ['search library seq', 'failed: exited 20'],
  [`search ${uuidOf(1).slice(0, 18)} --json`, `"uuid": "${uuidOf(1)}"`],
  ['search alice --first 50', 'user alice'],
  ['vex list', 'OSEC-2026-05 web* affected - not yet'],
  ['vex list --json', '"statedBy": "alice"'],
  ['notifications list', 'web* on debian-12: fixed, silent; daily'],
  ['notifications list --json', '"email": "alice@example.org"'],
  ['repositories show apt/debian-12', 'p119 1.0 amd64 pool/p119.deb'],
  ['repositories show apt/debian-12 --json', '"problem": "it is no archive"'],
  [`diff ${uuidOf(1)} ${uuidOf(2)}`, 'HOME=/a → /b'],
  [`diff ${uuidOf(1)} ${uuidOf(3)} --json`, '"recordStartedAt": "2100-01-01T00:00:00.000Z"'],
  [`diff ${uuidOf(1)} ${uuidOf(2)} --deep`, 'Why bin/hello.hvt differs'],
  [`diff ${uuidOf(1)} ${uuidOf(2)} --deep --path build-environment`, 'Why build-environment differs'],
] as const)('hub %s says the same of a site as of its data directory', async ([line, part]) => {
  const { far, near } = await bothWays(line.split(' '))
  expect(near).toMatchObject({ status: 0, stderr: '' })
  expect(near.stdout).toContain(part)
  expect(far).toEqual(near)
})

test('each key of a site is shown in all forms', async () => {
  const keys = await listKeys(site.server.deps.db)
  expect(keys.map(({ purpose }) => purpose)).toEqual(expect.arrayContaining(['ATTEST', 'LOG']))
  for (const { keyId } of keys)
    for (const more of [[], ['--json']]) {
      const { far, near } = await bothWays(['key', 'show', keyId.slice(0, 12), ...more])
      expect(near).toMatchObject({ status: 0, stderr: '' })
      expect(far).toEqual(near)
    }
})

test('a build of a site is compared with a record in a file', async () => {
  const { far, near } = await bothWays(['diff', recordFile, uuidOf(2)])
  expect(near.stdout).toContain(`size 11 → 19 (+8 bytes)`)
  expect(far).toEqual(near)
})

test('what a site does not have is said as the data directory says it', async () => {
  for (const line of [
    'key show 000000000000',
    'repositories show apt/nothing',
    'policy show 12',
    'search nothing at all',
  ]) {
    const { far, near } = await bothWays(line.split(' '))
    expect(near.status).not.toBe(0)
    expect(near.stderr).not.toBe('')
    expect(far).toEqual(near)
  }
  expect(await site.remote('diff', uuidOf(1), uuidOf(9))).toMatchObject({
    ...{ status: 1, stdout: '' },
    stderr: `${site.server.url} has no build ${uuidOf(9)}\n`,
  })
  expect((await site.remote('search', 'hello', '--first', '51')).stderr).toContain(
    'limit must be between 1 and 50, not 51',
  )
})

test('visitors see what pages show, and nothing that only administrators see', async () => {
  const visit = (...args: string[]) => hub(['--hub', site.server.url, ...args])
  expect((await visit('search', 'alice')).status).toBe(3)
  expect(await visit('diff', uuidOf(1), uuidOf(2))).toMatchObject({ status: 0, stderr: '' })
  for (const line of ['log show', 'policy show', 'vex list', 'notifications list'])
    expect([line, await visit(...line.split(' '))]).toEqual([
      line,
      {
        ...{ status: 1, stdout: '' },
        stderr: `${site.server.url} wants to know who asks: name a token by --token-file\n`,
      },
    ])
})
