import { randomBytes } from 'node:crypto'
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  isScalarType,
  isLeafType,
  type GraphQLInputType,
} from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { byServer } from '../../server/audit/actor.ts'
import { jsonAnswers } from '../../server/dropin/json-answers.http.ts'
import { pageRoutes } from '../../server/pages/page.http.ts'
import { encodeExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { schema } from '../../server/schema.ts'
import { addUser } from '../../server/users/add-user.ts'
import { neededRights } from '../../server/users/needed-rights.ts'
import { hashPassword } from '../../server/users/password.ts'
import { sha256Of } from '../../server/users/token-text.ts'
import { createToken, revokeToken, type NewToken } from '../../server/users/tokens.ts'
import { updateUser } from '../../server/users/update-user.ts'
import type { Role } from '../../server/users/rights.ts'
import { routesOf, webFilesOf } from '../../server/app.ts'
import { createGraphQL } from '../../server/graphql/yoga.ts'
import { basicAuth, bytesOf, projectDir, testApp, type GraphQLAnswer, type TestApp } from '../app.ts'
import { sampleRecord } from '../record.ts'
import { fields, freshFields, routes, senders, type Needs, type Sender } from './authorization-table.ts'

type SenderName = keyof typeof senders
type Headers = Record<string, string>

/** The headers of each sender. Sessions begin anew for each request: some requests end them. */
async function sendersOf({ deps }: TestApp): Promise<Record<SenderName, () => Headers | Promise<Headers>>> {
  const { writer } = deps
  const by = byServer()
  const hash = await hashPassword('secret', 256)
  const addWithPassword = async (name: string, role: Role) => {
    const id = await addUser(writer, by, { name, role, password: null, unrestricted: true })
    await writer.transact([], (tx) => tx.user.update({ where: { id }, data: hash, select: { id: true } }))
    return id
  }
  const reader = await addWithPassword('reader', 'READER')
  await addWithPassword('uploader', 'UPLOADER')
  await addWithPassword('worker', 'WORKER')
  const root = await addWithPassword('root', 'ADMIN')
  for (const name of ['disabled', 'former']) await addWithPassword(name, 'ADMIN')
  const token = async (scopes: string[], more: Partial<NewToken> = {}) =>
    createToken(writer, by, { userName: 'root', name: 'x', scopes, ...more })
  const bearer = async (scopes: string[], more: Partial<NewToken> = {}) => {
    const { text } = await token(scopes, more)
    return () => ({ Authorization: `Bearer ${text}` })
  }
  const password =
    (name: string, given = 'secret') =>
    () => ({
      Authorization: basicAuth({ name, password: given }),
    })
  const session =
    (userId: typeof root, ageMs = 0) =>
    async () => {
      const secret = randomBytes(32).toString('base64url')
      const at = new Date(Date.now() - ageMs)
      const times = { createdAt: at, authenticatedAt: at, lastSeenAt: at }
      const expiresAt = new Date(at.getTime() + 3_600_000)
      const data = { userId, sha256: sha256Of(secret), ...times, expiresAt, lastSeenFrom: '', userAgent: '' }
      await writer.transact([], (tx) => tx.session.create({ data, select: { id: true } }))
      return { Cookie: `hub-session=${secret}` }
    }
  const revoked = await token(['admin'])
  await revokeToken(writer, by, revoked.id)
  const basic = await token(['admin'])
  const past = byServer(new Date(Date.now() - 7_200_000))
  const expired = await createToken(writer, past, {
    ...{ userName: 'root', name: 'x', scopes: ['admin'], expiresAt: new Date(Date.now() - 3_600_000) },
  })
  const made = {
    nobody: () => ({}),
    'password of a reader': password('reader'),
    'password of an uploader': password('uploader'),
    'password of a worker': password('worker'),
    'password of an administrator': password('root'),
    'password of a disabled administrator': password('disabled'),
    'wrong password of an administrator': password('root', 'wrong'),
    'token to read': await bearer(['read']),
    'token for the job': await bearer(['upload:hello']),
    'token for another job': await bearer(['upload:other']),
    'token to see what administrators see': await bearer(['admin:read']),
    'token to schedule': await bearer(['schedule']),
    'token to work': await bearer(['work']),
    'token of a worker': await bearer(['work'], { userName: 'worker' }),
    'token for everything': await bearer(['admin']),
    'token as the password of Basic': password('x', basic.text),
    'token for everything of a user who is an uploader now': await bearer(['admin'], { userName: 'former' }),
    'token of a disabled administrator': await bearer(['admin'], { userName: 'disabled' }),
    'token that was revoked': () => ({ Authorization: `Bearer ${revoked.text}` }),
    'token that has expired': () => ({ Authorization: `Bearer ${expired.text}` }),
    'token for another network': await bearer(['admin'], { networks: ['192.0.2.0/24'] }),
    'session of a reader': session(reader),
    'session of an administrator': session(root),
    'session that is over': session(root, 86_400_000),
    'session of an administrator for some time': session(root, 11 * 60_000),
  }
  await updateUser(writer, by, 'disabled', { disabled: true })
  await updateUser(writer, by, 'former', { role: 'UPLOADER' })
  return made
}

/** Some value of a type: authorization comes before a look at it. */
function someValue(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return someValue(type.ofType)
  if (isListType(type)) return []
  if (isEnumType(type)) return type.getValues()[0]?.name
  if (isInputObjectType(type))
    return Object.fromEntries(
      Object.values(type.getFields())
        .filter((field, index) => isRequiredInputField(field) || (type.isOneOf && index === 0))
        .map((field) => [field.name, someValue(field.type)]),
    )
  const values: Record<string, unknown> = {
    Int: 1,
    Boolean: true,
    DateTime: '2026-01-01T00:00:00Z',
    UUID: '00000000-0000-4000-8000-000000000000',
    Sha256: 'ab'.repeat(32),
  }
  return isScalarType(type) && type.name in values ? values[type.name] : '1'
}

function operationOf(field: string): { query: string; variables: Record<string, unknown> } {
  const [typeName = '', name = ''] = field.split('.')
  const type = typeName === 'Mutation' ? schema.getMutationType() : schema.getQueryType()
  const defined = type?.getFields()[name]
  if (!defined) throw new Error(`there is no field ${field}`)
  const args = defined.args.filter(isRequiredArgument)
  const declared = args.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ')
  const given = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ')
  const selection = isLeafType(getNamedType(defined.type)) ? '' : '{ __typename }'
  return {
    query: `${typeName.toLowerCase()}${declared && `(${declared})`} { result: ${name}${given && `(${given})`} ${selection} }`,
    variables: Object.fromEntries(args.map((arg) => [arg.name, someValue(arg.type)])),
  }
}

type Outcome = 'DONE' | 'REFUSED'

const outcomeOf = ({ data, errors = [] }: GraphQLAnswer): Outcome => {
  const result = (data as { result?: { __typename?: string } } | null)?.result
  const isRefused =
    result?.__typename === 'NotAuthorizedError' ||
    errors.some(({ extensions }) =>
      ['UNAUTHENTICATED', 'FORBIDDEN', 'RATE_LIMIT'].includes(String(extensions?.['code'])),
    )
  return isRefused ? 'REFUSED' : 'DONE'
}

async function send(app: TestApp, headers: Headers, body: unknown): Promise<GraphQLAnswer> {
  const answer = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return (await answer.json()) as GraphQLAnswer
}

function expectedOf(
  needs: Needs,
  { rights, isSession, isToken, isRefused }: Sender,
  isPrivate = false,
): Outcome {
  if (needs === 'nothing') return 'DONE'
  if (isRefused) return 'REFUSED'
  if (needs === 'person') return rights.includes('admin') && !isToken ? 'DONE' : 'REFUSED'
  if (needs === 'session') return isSession ? 'DONE' : 'REFUSED'
  if (needs === 'read' && !isPrivate) return 'DONE'
  return rights.includes(needs) ? 'DONE' : 'REFUSED'
}

/** They take a file: test/server/graphql-upload.test.ts asks for them. */
const fieldsOfUploads = ['Mutation.uploadBuild', 'UploadBuildSuccess.build']

test('every mutation, and every field with a need of its own, has a row', () => {
  const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {}).map((name) => `Mutation.${name}`)
  const listed = [...new Set([...mutations, ...Object.keys(neededRights)])].sort()
  expect(Object.keys(fields).sort()).toEqual(listed)
})

test('a session whose password was given long ago changes no users, tokens and keys, and removes nothing', async () => {
  const app = await testApp()
  const { 'session of an administrator for some time': session } = await sendersOf(app)
  const asking: string[] = []
  for (const [field, needs] of Object.entries(fields)) {
    if (!['admin', 'person', 'schedule', 'session'].includes(needs)) continue
    const { data } = await send(app, await session(), operationOf(field))
    if (data?.['result']?.__typename === 'SignInAgain') asking.push(field)
  }
  expect(asking.sort()).toEqual(freshFields)
})

test('every route has a row, and nobody is asked for credentials on a public site, except to upload', async () => {
  const { deps, url } = await testApp()
  const { webDir, persistedOperationsFile } = webFilesOf(projectDir)
  const pages = pageRoutes(deps, webDir, jsonAnswers(deps), null).routes
  const paths = [...routesOf(deps, createGraphQL(deps, schema, persistedOperationsFile)), ...pages].map(
    ({ path }) => path,
  )
  expect(Object.keys(routes).sort()).toEqual([...new Set(paths)].sort())
  for (const [path, needs] of Object.entries(routes)) {
    const address =
      url + path.replace(/:uuid/, '00000000-0000-4000-8000-000000000000').replaceAll(/[:*]/g, '')
    const method = needs === 'upload' ? 'POST' : 'GET'
    const { status, body } = await fetch(address, { method, redirect: 'manual' })
    await body?.cancel()
    expect([path, status === 401 || status === 403]).toEqual([path, needs === 'upload'])
  }
})

describe.each([false, true])('on a site that is private: %s', (isPrivate) => {
  let app: TestApp
  let made: Awaited<ReturnType<typeof sendersOf>>
  beforeAll(async () => {
    app = await testApp({ keep: true, env: { BUILDER_HUB_PRIVATE: String(isPrivate) } })
    made = await sendersOf(app)
  })
  afterAll(() => app.close())

  test.each(Object.entries(senders) as [SenderName, Sender][])('%s', async (name, sender) => {
    const outcomes: Record<string, [Outcome, Outcome]> = {}
    for (const [field, needs] of Object.entries(fields)) {
      // Wrong credentials are none of the form of signing in.
      if (fieldsOfUploads.includes(field) || (needs === 'nothing' && field !== 'Query.viewer')) continue
      // What a session may change of its own account, and with which password, is told by its own tests.
      if (needs === 'session' && sender.isSession) continue
      // Wrong credentials are refused where somebody asks for the viewer.
      if (field === 'Query.viewer' && sender.isRefused) continue
      const answer = await send(app, await made[name](), operationOf(field))
      outcomes[field] = [outcomeOf(answer), expectedOf(needs, sender)]
    }
    const read = await send(app, await made[name](), { query: '{ result: site { __typename } }' })
    const mayRead = expectedOf('read', isPrivate ? sender : { rights: ['read'] }, isPrivate)
    outcomes['Query.site'] = [outcomeOf(read), mayRead]
    for (const path of ['/upload', '/job/hello/platform/debian-12/upload']) {
      const answer = await fetch(app.url + path, {
        method: 'POST',
        headers: await made[name](),
        body: await bytesOf(encodeExecRecord(sampleRecord({ job: 'hello' }))),
      })
      await answer.text()
      outcomes[path] = [
        [401, 403, 429].includes(answer.status) ? 'REFUSED' : 'DONE',
        expectedOf('upload', sender),
      ]
    }
    const wrong = Object.entries(outcomes).filter(([, [found, expected]]) => found !== expected)
    expect(wrong).toEqual([])
  })
})
