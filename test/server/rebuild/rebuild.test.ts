import { spawn, type SpawnOptions } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { printScript } from '../../../server/rebuild/print-script.ts'
import type { RebuildPlan } from '../../../server/rebuild/rebuild-plan.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { temporaryDir, testApp, type TestApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { isInstalled } from '../../programs.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'

const hostile = `a'b"$(touch pwned)\`touch pwned\`;touch pwned #`
const debian =
  'OS=linux\nOS_DISTRIBUTION=debian\nOS_VERSION=12\nARCH=x86_64\nORB_DATA=2\nSWITCH_PATH=/tmp/myswitch\n'
const inputs = (environment = debian) => [
  file('opam-switch', 'opam-version: "2.0"\n'),
  file('build-environment', environment),
  file('system-packages', 'gcc=12.2.0\n'),
]
const output = 'a unikernel'
const other = 'a unikernel that nobody else has built'

let app: TestApp
beforeAll(async () => {
  app = await testApp({ keep: true })
  const at = (day: number) => new Date(Date.UTC(2026, 10, day, 10, 30))
  await receiveAll(app, [
    sampleRecord({
      uuid: uuidOf(1),
      startedAt: at(3),
      artifacts: [file('bin/hello.hvt', output), ...inputs()],
    }),
    sampleRecord({
      ...{ uuid: uuidOf(2), startedAt: at(3), job: hostile },
      artifacts: [
        file('bin/hello.hvt', output),
        file(`etc/$(touch pwned)'"`, 'x'),
        ...inputs(debian.replace('=2\n', '=1\n')),
      ],
    }),
    sampleRecord({ uuid: uuidOf(3), startedAt: at(3), artifacts: [file('bin/hello', output)] }),
    sampleRecord({ uuid: uuidOf(4), startedAt: at(3), artifacts: inputs() }),
    sampleRecord({
      ...{ uuid: uuidOf(5), startedAt: at(3), platform: 'freebsd-14' },
      artifacts: [file('bin/hello', output), ...inputs('OS=freebsd\nOS_VERSION=1400097\nARCH=x86_64\n')],
    }),
    // Without a main binary.
    sampleRecord({
      ...{ uuid: uuidOf(6), startedAt: at(3) },
      artifacts: [file('bin/a.debug', 'x'), file('bin/a', output), ...inputs()],
    }),
    // With inputs that no other build has.
    sampleRecord({
      ...{ uuid: uuidOf(7), startedAt: at(3) },
      artifacts: [file('bin/hello.hvt', other), file('a "b".txt', 'x'), ...inputs(`${debian}LANG=C\n`)],
    }),
    ...[1, 2, 4].map((day, n) =>
      sampleRecord({
        ...{ uuid: uuidOf(10 + n), startedAt: at(day), job: 'orb' },
        artifacts: [file('bin/orb.deb', `orb of day ${day}`), ...inputs()],
      }),
    ),
  ])
})
afterAll(() => app.close())

const pathOf = (n: number, job = 'hello') => `/job/${encodeURIComponent(job)}/build/${uuidOf(n)}`
const scriptOf = async (n: number, job?: string) => {
  const response = await fetch(`${app.url}${pathOf(n, job)}/rebuild.sh`)
  expect(response.status).toBe(200)
  return response.text()
}

test('the plan names inputs, outputs, machine and the orb of that day', async () => {
  const plan = await (await fetch(`${app.url}${pathOf(1)}/rebuild.json`)).json()
  expect(plan).toMatchObject({
    version: 1,
    build: { job: 'hello', uuid: uuidOf(1), platform: 'debian-12' },
    outputs: [{ path: 'bin/hello.hvt', sha256: sha256(output) }],
    machine: { kind: 'container', image: 'debian:12', snapshot: '20261103T103000Z', arch: 'x86_64' },
    orb: { name: 'orb.deb', sha256: sha256('orb of day 2') },
  } satisfies Record<string, unknown> & Partial<Record<keyof RebuildPlan, unknown>>)
  expect(plan.inputs.map(({ name }: { name: string }) => name)).toEqual([
    'opam-switch',
    'build-environment',
    'system-packages',
  ])
  expect(plan.command).not.toContain('--ignore-env-differences')
  expect(await scriptOf(1)).toBe(await scriptOf(1))
  const several = await (await fetch(`${app.url}${pathOf(6)}/rebuild.json`)).json()
  expect(several.outputs.map(({ path }: { path: string }) => path)).toEqual(['bin/a', 'bin/a.debug'])
})

test('GraphQL has the script, and says why there is none', async () => {
  const query = `{ build(uuid: "${uuidOf(1)}") { rebuild { reason script command url image snapshot } }
    script: build(uuid: "${uuidOf(3)}") { rebuild { script reason } }
    failed: build(uuid: "${uuidOf(4)}") { rebuild { script reason } } }`
  app.takeQueries()
  const { data } = await app.graphql(query)
  expect(app.takeQueries().length).toBeLessThanOrEqual(12)
  expect(data.build.rebuild).toMatchObject({
    ...{ reason: null, image: 'debian:12', snapshot: '20261103T103000Z', script: await scriptOf(1) },
    command: `curl -fsSL '${app.url}${pathOf(1)}/rebuild.sh' | sh`,
  })
  expect(data.script.rebuild.script).toBeNull()
  expect(data.script.rebuild.reason).toContain('not built by orb')
  expect(data.failed.rebuild.reason).toBe('It has no output to compare.')
  const missing = await fetch(`${app.url}${pathOf(3)}/rebuild.sh`)
  expect([missing.status, await missing.text()]).toEqual([404, expect.stringContaining('not built by orb')])
})

/** Programs that stand for docker and orb: the container is the folder itself, and orb makes what it is told to. */
function fakePrograms(made: Record<string, string>): { bin: string; dir: string } {
  const dir = temporaryDir()
  const bin = join(dir, 'bin')
  mkdirSync(bin)
  const add = (name: string, text: string) => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}`)
    chmodSync(join(bin, name), 0o755)
  }
  add(
    'docker',
    `printf '%s\\n' "$@" > ${dir}/docker-arguments
for last in "$@"; do :; done
sh -n -c "$last" || exit 9
printf '%s\\n' "$last" > ${dir}/inner
exec sh -c "$(printf '%s\\n' "$last" | tail -n 1)"
`,
  )
  const lines = Object.entries(made).map(
    ([path, text]) => `mkdir -p "$(dirname 'out/${path}')"; printf %s '${text}' > 'out/${path}'`,
  )
  add('orb', `printf '%s\\n' "$@" > ${dir}/orb-arguments\n${lines.join('\n')}\n`)
  add('df', 'printf "x\\nx 1 1 99999999 1 x\\n"\n')
  add('uname', 'echo x86_64\n')
  return { bin, dir }
}

/** Runs a program while the site, which is in this process, answers it. */
async function execute(program: string, args: readonly string[], input = '', options: SpawnOptions = {}) {
  const child = spawn(program, args, { ...options, stdio: 'pipe', timeout: 60_000 })
  // It may end before it has read everything.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: await ended, stdout, stderr }
}

async function run(
  script: string,
  made: Record<string, string>,
  { shell = 'sh', key = '' }: { shell?: string; key?: string } = {},
) {
  const { bin, dir } = fakePrograms(made)
  const work = join(dir, 'work')
  mkdirSync(work)
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, ATTEST_KEY: key }
  const answer = await execute(shell, [], script, { cwd: work, env })
  return { ...answer, work, read: (name: string) => readFileSync(join(dir, name), 'utf8') }
}

test('a rebuild with the same files is reproduced', async () => {
  const { status, stdout, work, read } = await run(await scriptOf(1), { 'bin/hello.hvt': output })
  expect([status, stdout]).toEqual([0, `REPRODUCED ${sha256(output)}\n`])
  const [folder = ''] = readdirSync(work)
  expect(readdirSync(join(work, folder)).toSorted()).toEqual(['in', 'orb.deb', 'out'])
  expect(read('docker-arguments').split('\n').slice(0, 8)).toEqual([
    ...['run', '--rm', '-v', `${join(work, folder)}:/work`, '-e', 'snapshot=20261103T103000Z'],
    ...['debian:12', 'sh'],
  ])
  expect(read('inner')).toContain('$base/debian/$snapshot')
  expect(read('orb-arguments')).toBe(
    'rebuild\n--disable-sandboxing\n--cache\nhttps://opam.ocaml.org/cache\n--out\nout\nin\n',
  )
})

test.each([
  [
    'another file',
    { 'bin/hello.hvt': 'x' },
    1,
    `DIFFERENT bin/hello.hvt (expected ${sha256(output)}, got ${sha256('x')})\n`,
  ],
  [
    'a missing file',
    { other: 'x' },
    1,
    `DIFFERENT bin/hello.hvt (expected ${sha256(output)}, got no file)\n`,
  ],
  ['no file at all', {}, 2, 'FAILED build: it made no file\n'],
])('a rebuild with %s is told', async (_what, made, status, stdout) => {
  expect(await run(await scriptOf(1), made)).toMatchObject({ status, stdout })
})

test('inputs that are not what was built from stop it', async () => {
  const script = (await scriptOf(1)).replace(sha256('gcc=12.2.0\n'), '0'.repeat(64))
  const { status, stdout } = await run(script, { 'bin/hello.hvt': output })
  expect([status, stdout]).toEqual([
    2,
    expect.stringMatching(/^FAILED download: .*system-packages is not what was/),
  ])
  expect((await run((await scriptOf(1)).replaceAll('/f/bin/orb', '/f/bin/none'), {})).stdout).toContain(
    'FAILED download',
  )
  expect((await run((await scriptOf(1)).slice(0, -20), { 'bin/hello.hvt': output })).stdout).toBe('')
})

test('names that mean something to a shell are only names', async () => {
  const script = await scriptOf(2, hostile)
  expect(script).toContain('--ignore-env-differences')
  for (const shell of ['sh', 'dash', 'bash']) {
    if (shell !== 'sh' && !isInstalled(shell)) continue
    const { status, stdout, work } = await run(script, { 'bin/hello.hvt': output }, { shell })
    expect([status, stdout.split(' (')[0]]).toEqual([1, `DIFFERENT etc/$(touch pwned)'"`])
    expect(readdirSync(work)).toHaveLength(1)
    expect(readdirSync(join(work, readdirSync(work)[0] ?? ''))).not.toContain('pwned')
  }
  const { data } = await app.graphql(`{ build(uuid: "${uuidOf(2)}") { rebuild { command } } }`)
  const command = data.build.rebuild.command.replace('| sh', '| head -n 1').replace('curl', '/usr/bin/curl')
  expect((await execute('sh', ['-c', command])).stdout).toBe('#!/bin/sh\n')
})

describe.skipIf(!isInstalled('openssl', 'curl'))('a vote', () => {
  const made = { 'bin/hello.hvt': other, 'a "b".txt': 'x' }
  const grade = async () => {
    const { data } = await app.graphql(
      `{ build(uuid: "${uuidOf(7)}") { reproducibility { grade { words } } } }`,
    )
    return data.build.reproducibility.grade.words
  }
  const addKey = async (name: string, algorithm: string) => {
    const dir = temporaryDir()
    const [key, token] = [join(dir, 'attest.pem'), join(dir, 'token')]
    const { status } = await execute('sh', ['-c', `openssl genpkey ${algorithm} -out ${key}`])
    expect(status).toBe(0)
    const user = { name, password: `a long secret of ${name}` }
    await addUser(app.deps.writer, byServer(), { ...user, unrestricted: true })
    const created = await createToken(app.deps.writer, byServer(), {
      ...{ userName: name, name: 'attester', scopes: ['attest'] },
    })
    writeFileSync(token, created.text)
    return { key, register: () => register(key, name, token) }
  }
  const register = async (key: string, name: string, token: string) => {
    const { stderr, status } = await hub([
      ...['attest', '--key', key, '--url', app.url, 'register'],
      ...['--name', `${name} at home`, '--user', name, '--token-file', token],
    ])
    expect([status, stderr]).toEqual([0, ''])
  }

  test('by a key that nobody has registered is refused, and stays with whoever has it', async () => {
    const { key } = await addKey('dora', '-algorithm ed25519')
    const { status, stdout, stderr } = await run(await scriptOf(7), made, { key })
    expect([status, stdout]).toEqual([0, `REPRODUCED ${sha256(other)}\n`])
    expect(stderr).toMatch(/the vote was not taken: .*hub attest register/)
    expect(await app.deps.db.attestation.count()).toBe(0)
  })

  test('by a registered key counts, once', async () => {
    await app.deps.runner.start()
    await expect.poll(grade).toBe('Not repeated yet')
    const { key, register: registerIt } = await addKey('bob', '-algorithm ed25519')
    await registerIt()
    for (const answer of ['stored the statement', 'was known already']) {
      const { status, stderr } = await run(await scriptOf(7), made, { key })
      expect([status, stderr]).toEqual([0, expect.stringContaining(answer)])
    }
    await app.deps.runner.settled()
    await expect.poll(grade).toBe('Confirmed by 2 independent builders (alice, bob)')
    const subjects = await app.deps.db.attestationSubject.findMany({ orderBy: { name: 'asc' } })
    expect(subjects.map(({ name }) => name)).toEqual(['a "b".txt', 'bin/hello.hvt'])
  })

  test('for other files disputes those of the build', async () => {
    const { key, register: registerIt } = await addKey(
      'carol',
      '-algorithm EC -pkeyopt ec_paramgen_curve:P-256',
    )
    await registerIt()
    const { status, stdout, stderr } = await run(
      await scriptOf(7),
      { ...made, 'bin/hello.hvt': 'y' },
      { key },
    )
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^DIFFERENT bin\/hello.hvt/)])
    expect(stderr).toContain('stored the statement')
    await app.deps.runner.settled()
    await expect.poll(grade).not.toContain('Confirmed')
    await app.deps.runner.close()
  })

  test('needs a key that can be read before anything is built', async () => {
    const { stdout, work } = await run(await scriptOf(7), made, { key: 'missing.pem' })
    expect(stdout).toContain('FAILED key')
    expect(readdirSync(work)).toEqual([])
  })
})

test('FreeBSD needs a jail', async () => {
  const { status, stdout } = await run(await scriptOf(5), {})
  expect([status, stdout]).toEqual([2, 'FAILED system: this needs FreeBSD\n'])
})

test.skipIf(!isInstalled('shellcheck'))('shellcheck finds nothing', async () => {
  for (const script of [await scriptOf(1), await scriptOf(2, hostile), await scriptOf(5)]) {
    const { status, stdout } = await execute('shellcheck', ['-s', 'sh', '-'], script)
    expect([status, stdout]).toEqual([0, ''])
  }
})

test('without an orb of the site, opam brings one', async () => {
  const plan: RebuildPlan = await (await fetch(`${app.url}${pathOf(1)}/rebuild.json`)).json()
  const script = printScript({ ...plan, orb: null })
  expect(script).toContain('opam install --yes --root=/root/orb-opam orb.1.0.1')
  expect((await execute('sh', ['-n'], script)).status).toBe(0)
})
