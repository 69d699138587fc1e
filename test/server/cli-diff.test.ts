import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { linkProgram } from '../../demo/ocaml-program.ts'
import { readConfig } from '../../server/config.ts'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { startServer } from '../../server/start-server.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'
import { alice, basicAuth, bytesOf, projectDir, temporaryDir } from '../app.ts'
import { hub } from '../hub.ts'
import { file, sampleRecord } from '../record.ts'
import { copyTemplate } from '../template.ts'
import { sha256, uuidOf } from './graphql-site.ts'

const fixture = (name: string) => readFileSync(join(projectDir, 'test/formats/opam/fixtures', name))

/** `hub diff` to its end. */
const hubDiff = (args: readonly string[], dataDir: string) => hub(['diff', ...args, '--data-dir', dataDir])

const left = sampleRecord({
  uuid: uuidOf(1),
  artifacts: [
    file('bin/hello.hvt', 'a unikernel'),
    file('opam-switch', fixture('lighthouse.opam-switch')),
    file('build-environment', 'HOME=/a\nTITLE=\u001b]0;owned\u0007\n'),
    file('README.md', '# Hello'),
  ],
})
const right = sampleRecord({
  uuid: uuidOf(2),
  platform: 'freebsd-14',
  script: Buffer.from('#!/bin/sh\nset -e\necho hello again\n'),
  artifacts: [
    file('bin/hello.hvt', 'a unikernel, longer'),
    file('opam-switch', fixture('lighthouse-later.opam-switch')),
    file('build-environment', 'HOME=/b\n'),
  ],
})

async function writeRecord(dir: string, name: string, record: ExecRecord): Promise<string> {
  const path = join(dir, name)
  writeFileSync(path, await bytesOf(encodeExecRecord(record)))
  return path
}

test('two records in files are compared without a data directory', async () => {
  const dir = temporaryDir()
  const files = [await writeRecord(dir, 'left.full', left), await writeRecord(dir, 'right.full', right)]
  const dataDir = join(dir, 'data')
  const { status, stdout, stderr } = await hubDiff(files, dataDir)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe(`left   hello on debian-12, started 2026-11-01T10:00:00.000Z, took 61.5 s, ${uuidOf(1)}
right  hello on freebsd-14, started 2026-11-01T10:00:00.000Z, took 61.5 s, ${uuidOf(2)}

The output changed. Platform debian-12 → freebsd-14; 1 package upgraded, 1 package downgraded, 1 package added, 1 package removed, 1 opam file changed at the same version; 4 duniverse folders changed; 2 environment variables changed; 2 lines of the script changed. Not compared: system packages.

Main binary
  sha256 ${sha256('a unikernel')} → ${sha256('a unikernel, longer')}
  size 11 → 19 (+8 bytes)
  first difference at byte 11 (0xb)

Platform
  debian-12 → freebsd-14

Opam packages
  dune 3.9.1 → 3.17.0
  seagull v0.16.0 → v0.9.0 (downgrade)
  + harbour 1.0~rc1
  - metrics-influx 0.5.0

Opam files at the same version
  beacon.0.9
  --- left/beacon/opam
  +++ right/beacon/opam
  @@ -5,7 +5,7 @@
   maintainer: "keeper@lighthouse.example"
   license: "ISC"
   depends: [
  -  "ocaml" {>= "4.08.0"}
  +  "ocaml" {>= "4.08.0" & < "6.0"}
     "dune" {build & >= "2.0"}
     "fogbank" {with-test}
   ]
  fogbank.2 (descriptive fields only)
  lighthouse.1.2.0 (descriptive fields only)

Duniverse
  lamp https://lighthouse.example/lamp-1.tbz → https://lighthouse.example/lamp-2.tbz
  stairs git+https://lighthouse.example/stairs.git#0123456 → git+https://lighthouse.example/stairs.git#89abcde
  + railing git+https://lighthouse.example/railing.git#89abcde
  - door git+https://lighthouse.example/door.git#0123456

Build environment
  HOME=/a → /b
  - TITLE=^[]0;owned^G

Build script
  --- left/script
  +++ right/script
  @@ -1,3 +1,3 @@
   #!/bin/sh
   set -e
  -echo hello
  +echo hello again

Artifacts
  bin/hello.hvt (+8 bytes)
  build-environment (−17 bytes)
  opam-switch (+121 bytes)

Not compared
  left: the build has no artifact system-packages
  right: the build has no artifact system-packages
`)
  expect(existsSync(dataDir)).toBe(false)
})

test('a stored build is compared with a record in a file, as JSON', async () => {
  const dataDir = temporaryDir()
  const config = readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_PORT: '0',
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
  const server = await startServer(config, projectDir)
  onTestFinished(server.stop)
  await addUser(server.deps.writer, byServer(), { ...alice, unrestricted: true })
  const answer = await fetch(`${server.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: await bytesOf(encodeExecRecord(left)),
  })
  expect(answer.status).toBe(201)

  const file = await writeRecord(temporaryDir(), 'right.full', right)
  const { status, stdout } = await hubDiff([uuidOf(1).toUpperCase(), file, '--json'], dataDir)
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    left: { uuid: uuidOf(1), job: 'hello', mainBinary: { path: 'bin/hello.hvt', sizeBytes: 11 } },
    right: { uuid: uuidOf(2), platform: 'freebsd-14' },
    summary: { output: 'CHANGED', counts: { packagesUpgraded: 1 } },
    firstDifferingOffset: 11,
    opam: { versionChanged: [{ name: 'dune', direction: 'upgrade' }, {}] },
    missing: [{ input: 'SYSTEM_PACKAGES', side: 'left' }, {}],
    artifacts: { changed: [{ path: 'bin/hello.hvt' }, {}, {}] },
  })
})

test.each([
  ['a UUID that is not stored', uuidOf(9), /has no build 00000000-0000-4000-8000-000000000009$/m],
  ['no UUID and no file', 'nothing', /^nothing is neither a file nor the UUID of a build$/m],
])('%s is refused in one line', async (_name, name, message) => {
  const dataDir = temporaryDir()
  copyTemplate(readConfig({ BUILDER_HUB_DATA_DIR: dataDir }).databaseFile)
  const { status, stdout, stderr } = await hubDiff([name, name], dataDir)
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(message)
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('a file that is no record is refused with the place where it goes wrong', async () => {
  const path = join(temporaryDir(), 'broken')
  writeFileSync(path, 'no record')
  const { status, stderr } = await hubDiff([path, path], temporaryDir())
  expect(status).toBe(1)
  expect(stderr).toMatch(/^malformed build record in .*broken at byte 0: /)
})

test('a comparison of two programs prints what grew', async () => {
  const dir = temporaryDir()
  const programOf = (codeKiB: number, origin: string) =>
    linkProgram({
      compiler: '5.2.1',
      units: [{ name: 'Dns', codeKiB, origin, directory: 'dns.1/src' }],
      stubs: [],
      runsOn: { kind: 'solo5', target: 'hvt', devices: [] },
      texts: [],
    })
  const record = (name: string, { stripped, debug }: ReturnType<typeof programOf>) =>
    writeRecord(
      dir,
      name,
      sampleRecord({ artifacts: [file('bin/dns.hvt', stripped), file('dns.hvt.debug', debug)] }),
    )
  const paths = [
    await record('old.full', programOf(40, 'dns.1')),
    await record('new.full', programOf(80, 'dns.2')),
  ]
  const { stdout, stderr, status } = await hubDiff(paths, dir)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(
    /^Binary size\n {2}\+[\d.]+ KiB: .*KiB in dns.*\n {2}dns \d+ → \d+ \(\+\d+ bytes\)$/m,
  )
  const json = JSON.parse((await hubDiff([...paths, '--json'], dir)).stdout)
  expect(json.binarySize.packages).toMatchObject([{ name: 'dns', kind: 'PACKAGE' }])
})
