import { existsSync, writeFileSync } from 'node:fs'
import { createServer, request, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { openRemoteSite } from '../../../server/cli/remote/remote-site.ts'
import { TypedDocumentString } from '../../../server/generated/operations/graphql.ts'
import { alice, basicAuth, bytesOf, temporaryDir } from '../../app.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { hub } from '../../hub.ts'
import { sampleRecord } from '../../record.ts'
import { siteOfCommands, type SiteOfCommands } from './remote-site.ts'

let site: SiteOfCommands
const records = ['hello', 'hello', 'world'].map((job) => sampleRecord({ job }))
const [first, second, third] = records.map(({ uuid }) => uuid) as [string, string, string]

beforeAll(async () => {
  site = await siteOfCommands()
  for (const record of records) {
    const body = await bytesOf(encodeExecRecord(record))
    const headers = { Authorization: basicAuth(alice) }
    expect((await fetch(`${site.server.url}/upload`, { method: 'POST', headers, body })).status).toBe(201)
  }
  const { writer } = site.server.deps
  for (const [name, role] of [
    ['bob', 'UPLOADER'],
    ['carol', 'READER'],
    ['builders', 'WORKER'],
  ] as const)
    await addUser(writer, byServer(), { name, role, password: null })
  await writer.transact([], async (tx) => {
    const { id: userId } = await tx.user.findUniqueOrThrow({ where: { name: alice.name } })
    const now = new Date()
    const soon = new Date(now.getTime() + 3_600_000)
    for (const byte of [1, 2])
      await tx.session.create({
        data: {
          ...{ userId, sha256: Buffer.alloc(32, byte).toString('hex'), createdAt: now, lastSeenAt: now },
          ...{ authenticatedAt: now, lastSeenFrom: '192.0.2.1', userAgent: 'curl/8.0', expiresAt: soon },
        },
      })
  })
  await site.local('access', 'add', 'bob', 'hello')
})
afterAll(() => site.stop())

const done = async (...args: string[]) => {
  const { status, stderr, stdout } = await site.remote(...args)
  expect([status, stderr]).toEqual([0, ''])
  return stdout
}

test.for([
  'user list',
  'user list --json',
  'access list',
  'access list --json',
  'token list',
  'token list --user alice --json',
  'session list',
  'session list --user alice --json',
  'job remove hello --dry-run --json',
  `build remove ${first} ${third} --dry-run`,
  `build remove ${first} --dry-run --json`,
])('hub %s says the same of a site as of its data directory', async (line) => {
  // What is used is noted to the hour: not at the moment of the comparison.
  await site.remote('user', 'list')
  await site.server.deps.background.settled()
  const args = line.split(' ')
  const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
  expect(near).toMatchObject({ status: 0, stderr: '' })
  expect(near.stdout).not.toBe('')
  expect(far).toEqual(near)
})

test('commands at a site change its users, tokens and sessions', async () => {
  const { db } = site.server.deps
  expect(await done('access', 'add', 'bob', 'world')).toBe('job world is on the access list of user bob\n')
  expect(await done('access', 'add', 'bob', 'world')).toContain(', as before\n')
  expect((await site.local('access', 'list')).stdout).toBe('bob: hello\nbob: world\n')
  expect(await done('access', 'remove', 'bob', 'world')).toContain('is no longer on')
  expect(await done('access', 'remove', 'bob', 'world')).toContain('was not on')
  expect(await done('user', 'update', 'bob', '--email', 'bob@example.org')).toBe(
    'notifications of user bob go to bob@example.org\n',
  )
  expect(await done('user', 'remove', 'bob')).toBe('user bob is removed\n')
  expect(await db.user.count({ where: { name: 'bob' } })).toBe(0)

  const { stdout: text } = await site.local('token', 'create', 'carol', 'ci', '--scope', 'read')
  expect(await done('token', 'revoke', text.trim())).toMatch(/^token \d+ is revoked\n$/)
  expect(await done('token', 'revoke', text.slice(0, 9))).toMatch(/^token \d+ was revoked before\n$/)
  expect((await site.local('token', 'list', '--user', 'carol')).stdout).toContain('; revoked ')
  expect((await site.remote('token', 'list', '--user', 'carol')).stdout).toBe(
    (await site.local('token', 'list', '--user', 'carol')).stdout,
  )
  const session = await db.session.findFirstOrThrow()
  expect(await done('session', 'end', String(session.id))).toBe(`session ${session.id} has ended\n`)
  expect(await db.session.count()).toBe(1)
})

test('commands at a site pin, remove and move builds and jobs', async () => {
  const { db } = site.server.deps
  expect(await done('job', 'update', 'world', '--section', 'Planets', '--hide')).toBe(
    'the job world is updated\n',
  )
  expect(await db.job.findUnique({ where: { name: 'world' } })).toMatchObject({ isHidden: true })
  expect(await done('build', 'pin', first, '--reason', 'runs here')).toBe(`build ${first} is pinned\n`)
  expect(await site.remote('build', 'remove', first)).toEqual(await site.local('build', 'remove', first))
  expect(await site.remote('job', 'remove', 'hello')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('hello has 1 pinned build') as string,
  })
  expect(await done('build', 'unpin', first)).toContain('is no longer pinned')
  expect(await done('build', 'unpin', first)).toContain('was not pinned')
  expect(await done('build', 'remove', second, '--reason', 'a password')).toBe('1 build is removed\n')
  expect(await done('build', 'remove', second)).toBe('0 builds are removed\n')
  expect(await db.tombstone.findUnique({ where: { uuid: second } })).toMatchObject({ reason: 'a password' })
  expect(JSON.parse(await done('job', 'remove', 'hello', '--json'))).toEqual({
    ...{ job: 'hello', isDryRun: false, isRemoved: true, removedCount: 1, left: [] },
  })
  expect(await done('job', 'remove', 'hello')).toBe('the job hello is removed already\n')
  expect(await db.build.count()).toBe(1)
  const acts = await db.auditEntry.findMany({ where: { via: 'token' } })
  expect(new Set(acts.map(({ actor }) => actor))).toEqual(new Set(['alice']))
  expect(acts.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['job.update', 'build.pin', 'build.unpin', 'build.remove', 'job.remove']),
  )
})

test('what a site refuses is said as the data directory says it', async () => {
  const unknown = '00000000-0000-4000-8000-000000000000'
  for (const line of [
    'access add nobody hello',
    'access remove nobody hello',
    'token list --user nobody',
    'token revoke 999',
    'token revoke bhub_zzzz',
    'session list --user nobody',
    'session end 999',
    'user remove nobody',
    'user update nobody --email nobody@example.org',
    `build pin ${unknown}`,
    `build unpin ${unknown}`,
    `build remove ${unknown}`,
    'job remove nothing',
    'job remove nothing --dry-run',
    'job update nothing --hide',
  ]) {
    const args = line.split(' ')
    const [near, far] = await Promise.all([site.local(...args), site.remote(...args)])
    expect([line, near.status, near.stdout]).toEqual([line, 1, ''])
    expect([line, far]).toEqual([line, near])
  }
})

test('commands that work on the data directory say so, and make none', async () => {
  for (const line of [
    'verify',
    'backup x',
    'migrate status',
    'user add dave',
    'token create alice x --scope read',
  ])
    expect([line, await site.remote(...line.split(' '))]).toEqual([
      line,
      {
        ...{ status: 1, stdout: '' },
        stderr: expect.stringMatching(
          /^"hub [a-z ]+" works on the data directory: run it without --hub on the machine where the server runs\n$/,
        ) as string,
      },
    ])
  expect((await site.remote('worker', '--server', 'x:1', '--platform', 'x')).stderr).toContain('not to --hub')
  expect(existsSync(site.nowhere)).toBe(false)
})

/** An address at which nothing listens any more. */
async function closedServer(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}

/** A server that answers so, below a path. */
async function serverOf(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('who may not ask, and an address that is no site, is told so in a line', async () => {
  const dir = temporaryDir()
  const wrong = join(dir, 'wrong')
  const empty = join(dir, 'empty')
  writeFileSync(wrong, 'bhub_wrong\n')
  writeFileSync(empty, '\n')
  const { url } = site.server
  const reads = await site.tokenWith('read')
  const page = await serverOf((_request, response) => void response.end('<html>'))
  const json = await serverOf((_request, response) => void response.end('{}'))
  const seen: (string | undefined)[] = []
  const elsewhere = await serverOf(({ headers }, response) => {
    seen.push(headers.authorization)
    response.end('{}')
  })
  const moved = await serverOf((_request, response) => {
    response.writeHead(301, { location: `${elsewhere}/graphql` }).end()
  })
  for (const [words, ...args] of [
    [/needs|sign in|user/, '--hub', url],
    [/^wrong token: /, '--hub', url, '--token-file', wrong],
    [/has no token/, '--hub', url, '--token-file', empty],
    [/the token cannot be read: ENOENT/, '--hub', url, '--token-file', join(dir, 'missing')],
    [/lacks the right schedule/, '--hub', url, '--token-file', reads],
    [/cannot be reached: .*(ENOTFOUND|EAI_AGAIN)/, '--hub', 'http://nowhere.invalid'],
    [/cannot be reached: .*ECONNREFUSED/, '--hub', await closedServer()],
    [/is no Builder Hub: its \/graphql answers with the status 200/, '--hub', page],
    [/is no Builder Hub/, '--hub', json],
    [
      /leads to http:.*: name the address of the site itself by --hub/,
      '--hub',
      moved,
      '--token-file',
      site.tokenFile,
    ],
  ] as const) {
    const { status, stderr, stdout } = await hub(['queue', 'pause', 'debian-12', ...args])
    expect([args, status, stdout]).toEqual([args, 1, ''])
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).toMatch(words)
  }
  expect(seen).toEqual([])
  for (const url of ['builds.example.org', 'ftp://x', 'http://alice:secret@x', 'http://x/?a=b'])
    expect(await hub(['user', 'list', '--hub', url])).toMatchObject({ status: 2, stdout: '' })
})

test('a token that everybody on the way can read is sent with a warning', async () => {
  const line = ['run', 'list', '--hub', 'http://nowhere.invalid', '--token-file', site.tokenFile]
  expect((await hub(line)).stderr).toMatch(
    /^warning: everybody on the way to http:\/\/nowhere.invalid can read the token: .*\n.*cannot be reached/,
  )
})

test('a private site wants to know who asks', async () => {
  const hidden = await siteOfCommands({ BUILDER_HUB_PRIVATE: 'true' })
  onTestFinished(hidden.stop)
  expect(await hub(['run', 'list', '--hub', hidden.server.url])).toMatchObject({
    status: 1,
    stderr: `${hidden.server.url} wants to know who asks: name a token by --token-file\n`,
  })
  const reads = await hidden.tokenWith('read')
  expect(await hidden.remote('run', 'list', '--token-file', reads)).toMatchObject({ status: 0 })
})

test('a site that does not answer in time is given up', async () => {
  const url = await serverOf(() => {})
  const document = new TypedDocumentString<object, Record<string, never>>('{ __typename }')
  await expect(openRemoteSite(url, null, { timeoutMs: 50 }).ask(document, {})).rejects.toThrow(
    'has not answered within 0.05 seconds: what was asked for may be done all the same',
  )
})

test('a site below a path is reached there', async () => {
  const { port } = new URL(site.server.url)
  const url = await serverOf((incoming, response) => {
    if (!incoming.url?.startsWith('/builds/')) {
      response.writeHead(404).end()
      return
    }
    const { headers, method } = incoming
    const path = incoming.url.slice('/builds'.length)
    const sent = request({ port, host: '127.0.0.1', path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(sent)
  })
  const near = await site.local('user', 'list')
  for (const below of ['/builds', '/builds/'])
    expect(await hub(['user', 'list', '--hub', `${url}${below}`, '--token-file', site.tokenFile])).toEqual(
      near,
    )
})
