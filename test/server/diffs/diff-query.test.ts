import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { memoryBlobStore } from '../../../server/blobs/memory-blob-store.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { createWorkerPool, WorkersBusyError } from '../../../server/workers/worker-pool.ts'
import { projectDir, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { planOf, sha256, uuidOf } from '../graphql-site.ts'

const fixture = (name: string) => readFileSync(join(projectDir, 'test/formats/opam/fixtures', name))
const earlier = fixture('lighthouse.opam-switch')
const later = fixture('lighthouse-later.opam-switch')

const [first, second, again, bare, reproduced, huge] = [1, 2, 3, 4, 5, 6].map(uuidOf) as [
  string,
  string,
  string,
  string,
  string,
  string,
]

const inputs = (opamSwitch: Uint8Array, environment: string, systemPackages: string) => [
  file('opam-switch', opamSwitch),
  file('build-environment', environment),
  file('system-packages', systemPackages),
]

const records: ExecRecord[] = [
  sampleRecord({
    uuid: first,
    artifacts: [
      file('bin/hello.hvt', 'a unikernel'),
      file('old.txt', 'old'),
      file('same.txt', 'same'),
      ...inputs(earlier, 'HOME=/a\n', 'gcc=12\nlz4=1\n'),
    ],
  }),
  sampleRecord({
    uuid: second,
    platform: 'freebsd-14',
    startedAt: new Date('2026-11-02T10:00:00Z'),
    finishedAt: new Date('2026-11-02T10:01:00Z'),
    script: Buffer.from('#!/bin/sh\nset -e\necho hello again\n'),
    artifacts: [
      file('bin/hello.hvt', 'a unikernel, longer'),
      file('new.txt', 'new'),
      file('same.txt', 'same'),
      ...inputs(later, 'HOME=/b\n', 'gcc=13\n'),
    ],
  }),
  // The same inputs as the second, and another binary.
  sampleRecord({
    uuid: again,
    platform: 'freebsd-14',
    script: Buffer.from('#!/bin/sh\nset -e\necho hello again\n'),
    artifacts: [file('bin/hello.hvt', 'a Unikernel, longer'), ...inputs(later, 'HOME=/b\n', 'gcc=13\n')],
  }),
  sampleRecord({ uuid: bare, result: { kind: 'exited', code: 1n }, artifacts: [file('log.txt', 'log')] }),
  sampleRecord({
    uuid: reproduced,
    artifacts: [
      file('bin/hello.hvt', 'a unikernel'),
      file('old.txt', 'old'),
      file('same.txt', 'same'),
      ...inputs(earlier, 'HOME=/a\n', 'gcc=12\nlz4=1\n'),
    ],
  }),
  sampleRecord({
    uuid: huge,
    artifacts: [
      file('bin/hello.hvt', 'a unikernel'),
      ...inputs(Buffer.alloc(5 * 1024 ** 2, ' '), 'HOME=/a\n', 'gcc=12\n'),
    ],
  }),
]

let app: TestApp
/** How many tasks were given to the workers. */
let tasks = 0

beforeAll(async () => {
  const workers = createWorkerPool()
  const counted: typeof workers = {
    ...workers,
    run(...call) {
      tasks += 1
      return workers.run(...call)
    },
  }
  app = await testApp({ keep: true, workers: counted })
  for (const record of records) expect((await app.upload(record)).status).toBe(201)
  return async () => {
    await app.close()
    await workers.close()
  }
})

const hunk = 'hunks { leftStart leftCount rightStart rightCount lines }'
const everything = `query ($left: UUID!, $right: UUID!) { diff(left: $left, right: $right) {
  left { uuid job { name } platform { name } mainBinary { path } }
  right { uuid job { name } platform { name } mainBinary { path } }
  isSamePlatform durationDeltaMs
  summary { text output counts {
    packagesUpgraded packagesDowngraded packagesRespelled packagesAdded packagesRemoved packagesChanged
    duniverse environment systemPackages scriptLines artifacts } }
  missing { input side reason }
  opam {
    onlyLeft { name version } onlyRight { name version }
    versionChanged { name left right direction }
    fileChanged { name version isEffective diff { removedCount addedCount isCut unified } }
    effective: fileChanged(effective: true) { name }
    descriptive: fileChanged(effective: false) { name }
    fileUnknown { name version side }
    duniverse { onlyLeft { name url hashes } onlyRight { name } changed { name isSameContent left { url } right { url } hashes { kind left right } } }
  }
  environment { onlyLeft { name value } onlyRight { name value } changed { name left right } }
  systemPackages { onlyLeft { name version } onlyRight { name version } changed { name left right } }
  script { removedCount addedCount ${hunk} }
  artifacts { onlyLeft { path sha256 sizeBytes resourcePath } onlyRight { path } changed { path sizeDeltaBytes left { sizeBytes } right { sizeBytes resourcePath } } equalCount }
  mainBinary { change sizeDeltaBytes firstDifferingOffsetBytes left { path sha256 } right { sizeBytes } }
} }`

async function diff(left: string, right: string) {
  const { data, errors } = await app.graphql(everything, { left, right })
  expect(errors).toBeUndefined()
  return data.diff
}

test('everything that changed from one build to another', async () => {
  const { opam, ...rest } = await diff(first, second)
  expect(rest).toEqual({
    left: {
      uuid: first,
      job: { name: 'hello' },
      platform: { name: 'debian-12' },
      mainBinary: { path: 'bin/hello.hvt' },
    },
    right: {
      uuid: second,
      job: { name: 'hello' },
      platform: { name: 'freebsd-14' },
      mainBinary: { path: 'bin/hello.hvt' },
    },
    isSamePlatform: false,
    durationDeltaMs: -1_500,
    summary: {
      text:
        'The output changed. Platform debian-12 → freebsd-14; 1 package upgraded, 1 package downgraded, 1 package added, ' +
        '1 package removed, 1 opam file changed at the same version; 4 duniverse folders changed; ' +
        '1 environment variable changed; 2 system packages changed; 2 lines of the script changed.',
      output: 'CHANGED',
      counts: {
        packagesUpgraded: 1,
        packagesDowngraded: 1,
        packagesRespelled: 0,
        packagesAdded: 1,
        packagesRemoved: 1,
        packagesChanged: 1,
        duniverse: 4,
        environment: 1,
        systemPackages: 2,
        scriptLines: 2,
        artifacts: 6,
      },
    },
    missing: [],
    environment: { onlyLeft: [], onlyRight: [], changed: [{ name: 'HOME', left: '/a', right: '/b' }] },
    systemPackages: {
      onlyLeft: [{ name: 'lz4', version: '1' }],
      onlyRight: [],
      changed: [{ name: 'gcc', left: '12', right: '13' }],
    },
    script: {
      removedCount: 1,
      addedCount: 1,
      hunks: [
        {
          leftStart: 1,
          leftCount: 3,
          rightStart: 1,
          rightCount: 3,
          lines: [' #!/bin/sh', ' set -e', '-echo hello', '+echo hello again'],
        },
      ],
    },
    artifacts: {
      onlyLeft: [
        {
          path: 'old.txt',
          sha256: sha256('old'),
          sizeBytes: 3,
          resourcePath: `/job/hello/build/${first}/f/old.txt`,
        },
      ],
      onlyRight: [{ path: 'new.txt' }],
      changed: [
        {
          path: 'bin/hello.hvt',
          sizeDeltaBytes: 8,
          left: { sizeBytes: 11 },
          right: { sizeBytes: 19, resourcePath: `/job/hello/build/${second}/f/bin/hello.hvt` },
        },
        { path: 'build-environment', sizeDeltaBytes: 0, left: { sizeBytes: 8 } },
        { path: 'opam-switch' },
        { path: 'system-packages', sizeDeltaBytes: -6 },
      ].map((change) => expect.objectContaining(change)),
      equalCount: 1,
    },
    mainBinary: {
      change: 'CHANGED',
      sizeDeltaBytes: 8,
      firstDifferingOffsetBytes: 11,
      left: { path: 'bin/hello.hvt', sha256: sha256('a unikernel') },
      right: { sizeBytes: 19 },
    },
  })
  expect(opam).toMatchObject({
    onlyLeft: [{ name: 'metrics-influx', version: '0.5.0' }],
    onlyRight: [{ name: 'harbour', version: '1.0~rc1' }],
    versionChanged: [
      { name: 'dune', left: '3.9.1', right: '3.17.0', direction: 'UPGRADE' },
      { name: 'seagull', left: 'v0.16.0', right: 'v0.9.0', direction: 'DOWNGRADE' },
    ],
    effective: [{ name: 'beacon' }],
    descriptive: [{ name: 'fogbank' }, { name: 'lighthouse' }],
    fileUnknown: [],
    duniverse: {
      onlyLeft: [{ name: 'door', url: 'git+https://lighthouse.example/door.git#0123456', hashes: [] }],
      onlyRight: [{ name: 'railing' }],
      changed: [{ name: 'lamp', isSameContent: false }, { name: 'stairs' }],
    },
  })
  expect(opam.fileChanged[0].diff.unified).toContain(
    '-  "ocaml" {>= "4.08.0"}\n+  "ocaml" {>= "4.08.0" & < "6.0"}\n',
  )
})

test('the same inputs, another output', async () => {
  const { summary, mainBinary } = await diff(second, again)
  expect(summary.text).toBe('The output changed. The inputs are equal: it is not reproducible.')
  expect(mainBinary).toMatchObject({ change: 'CHANGED', sizeDeltaBytes: 0, firstDifferingOffsetBytes: 2 })
})

test('a reproduced build', async () => {
  const { summary, mainBinary, artifacts } = await diff(first, reproduced)
  expect(summary.text).toBe('Nothing changed.')
  expect(mainBinary).toMatchObject({ change: 'SAME', sizeDeltaBytes: 0, firstDifferingOffsetBytes: null })
  expect(artifacts).toMatchObject({ onlyLeft: [], onlyRight: [], changed: [], equalCount: 6 })
})

test('a build against itself', async () => {
  expect((await diff(first, first)).summary.text).toBe('Nothing changed.')
})

test('missing parts of a build are reported; the others are compared', async () => {
  const { summary, missing, opam, environment, systemPackages, script, mainBinary } = await diff(bare, first)
  expect(summary.text).toBe(
    'Only the right build has a main binary. What could be compared of the inputs is equal. ' +
      'Not compared: opam switch, build environment, system packages.',
  )
  expect(missing).toEqual([
    { input: 'OPAM_SWITCH', side: 'LEFT', reason: 'the build has no artifact opam-switch' },
    { input: 'ENVIRONMENT', side: 'LEFT', reason: 'the build has no artifact build-environment' },
    { input: 'SYSTEM_PACKAGES', side: 'LEFT', reason: 'the build has no artifact system-packages' },
  ])
  expect([opam, environment, systemPackages]).toEqual([null, null, null])
  expect(script).toEqual({ removedCount: 0, addedCount: 0, hunks: [] })
  expect(mainBinary).toMatchObject({
    change: 'ONLY_RIGHT',
    sizeDeltaBytes: null,
    firstDifferingOffsetBytes: null,
    left: null,
  })
})

test('an input that is too large is not read', async () => {
  const { missing, environment } = await diff(huge, first)
  expect(missing).toEqual([
    {
      input: 'OPAM_SWITCH',
      side: 'LEFT',
      reason: 'opam-switch has 5242880 bytes: at most 4194304 are compared',
    },
  ])
  expect(environment).toMatchObject({ changed: [] })
})

test('a comparison with an unknown build is null', async () => {
  expect(await diff(first, uuidOf(99))).toBeNull()
  expect(await diff(uuidOf(99), first)).toBeNull()
})

test('a comparison is computed once for equal inputs, also for concurrent requests', async () => {
  await diff(second, first)
  const before = tasks
  await Promise.all([diff(second, first), diff(again, first), diff(again, reproduced)])
  expect(tasks).toBe(before)
})

test('it costs at most eight statements, each served by an index', async () => {
  app.takeQueries()
  await diff(first, bare)
  const statements = app.takeQueries()
  expect(statements.length).toBeLessThanOrEqual(8)
  for (const statement of statements) {
    expect(planOf(app, statement).filter((step) => /^SCAN main\.(Build|Artifact)\b/.test(step))).toEqual([])
  }
})

test('a hostile switch ends in a reason, in bounded time, and the server lives', async () => {
  const hostile = [
    `installed: [${'"a.1" '.repeat(200_000)}]`,
    `x: "${'\\\\'.repeat(1_900_000)}"`,
    `x: ${'('.repeat(400)}a${')'.repeat(400)}`,
    `${'package "p" { depends: [ "a" ] }\n'.repeat(50_000)}`,
  ]
  const uuids = hostile.map((_text, n) => uuidOf(100 + n))
  for (const [n, text] of hostile.entries()) {
    const artifacts = [file('opam-switch', text), file('build-environment', 'HOME=/a\n')]
    await app.upload(sampleRecord({ uuid: uuids[n] ?? '', artifacts }))
  }
  for (const uuid of uuids) {
    const { environment, missing } = await diff(uuid, first)
    expect(environment).toEqual({ onlyLeft: [], onlyRight: [], changed: [] })
    expect(missing.length).toBeGreaterThan(0)
  }
})

test('a missing input in the blob store is a bug, reported with an id', async () => {
  const blobs = memoryBlobStore()
  const broken = await testApp({ blobs })
  // Content that no other test has: what was compared once needs not be read again.
  for (const [uuid, binary] of [
    [first, 'lost'],
    [second, 'gone'],
  ] as const) {
    await broken.upload(sampleRecord({ uuid, artifacts: [file('bin/hello', binary)] }))
  }
  blobs.open = async () => null
  const { errors } = await broken.graphql(
    `{ diff(left: "${first}", right: "${second}") { mainBinary { firstDifferingOffsetBytes } } }`,
  )
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' })
})

test('a server that has too much to do says so, by both doors', async () => {
  const workers = createWorkerPool()
  const busy = await testApp({
    workers: {
      ...workers,
      async run() {
        throw new WorkersBusyError('the server has much to do: try again')
      },
    },
  })
  for (const uuid of [first, second]) {
    await busy.upload(sampleRecord({ uuid, script: Buffer.from(`busy ${uuid}`) }))
  }
  const { errors } = await busy.graphql(`{ diff(left: "${first}", right: "${second}") { summary { text } } }`)
  expect(errors).toMatchObject([
    { message: 'the server has much to do: try again', path: ['diff'], extensions: { code: 'BUSY' } },
  ])
  const answer = await fetch(`${busy.url}/compare/${first}/${second}`, {
    headers: { Accept: 'application/json' },
  })
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '10'])
  expect(await answer.text()).toBe('the server has much to do: try again\n')
})
