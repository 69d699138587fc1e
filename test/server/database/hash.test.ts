import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hexOf, isHashColumn, toHash } from '../../../server/database/hash.ts'
import { withHexHashes } from '../../../server/database/hex-hashes.ts'
import type { PrismaClient } from '../../../server/generated/prisma/client.ts'
import { projectDir } from '../../app.ts'

const [one, two] = ['01'.repeat(32), 'fe'.repeat(32)]
const bytesOfHash = fc.uint8Array({ minLength: 32, maxLength: 32 })

test('a hash comes back as the digits that were stored', () => {
  fc.assert(
    fc.property(bytesOfHash, (bytes) => {
      const hex = Buffer.from(bytes).toString('hex')
      expect([...toHash(hex)]).toEqual([...bytes])
      expect(hexOf(toHash(hex))).toBe(hex)
    }),
    { seed: 35, numRuns: 200 },
  )
})

test('the bytes of hashes have the order of their digits', () => {
  fc.assert(
    fc.property(bytesOfHash, bytesOfHash, (left, right) => {
      const order = Buffer.compare(left, right)
      expect(Math.sign(order)).toBe(hexOf(left) < hexOf(right) ? -1 : hexOf(left) > hexOf(right) ? 1 : 0)
    }),
    { seed: 36, numRuns: 200 },
  )
})

test.each(['', 'x', one.slice(1), `${one}0`, one.replace('0', 'g'), two.toUpperCase(), `${one.slice(1)}\n`])(
  '%j is no hash',
  (hex) => {
    expect(() => toHash(hex)).toThrow('a SHA-256 is 64 lower-case hexadecimal digits')
  },
)

test.each([0, 31, 33, 64])('%i bytes are no hash', (length) => {
  expect(() => hexOf(new Uint8Array(length))).toThrow(`a stored SHA-256 has ${length} bytes, not 32`)
})

test('hashes are the bytes of the schema, but for passwords, secrets, scripts of runs, the log and the reason of a build', () => {
  const schema = readFileSync(join(projectDir, 'prisma/schema.prisma'), 'utf8')
  const columns = [...schema.matchAll(/^ {2}(\w+) +(\w+)\b/gm)].map(([, name = '', type = '']) => ({
    name,
    type,
  }))
  const named = (list: typeof columns) => [...new Set(list.map(({ name }) => name))].sort()
  const hashes = columns.filter(({ name }) => isHashColumn(name))
  expect(new Set(hashes.map(({ type }) => type))).toEqual(new Set(['Bytes']))
  expect(hashes.length).toBeGreaterThan(15)
  const otherBytes = columns.filter(({ name, type }) => type === 'Bytes' && !isHashColumn(name))
  expect(named(otherBytes)).toEqual([
    'accessToken',
    'content',
    'edge',
    'hashes',
    'passwordHash',
    'passwordSalt',
    'previousSecret',
    'resultMessage',
    'secret',
    'signingSeed',
    'totpSecret',
  ])
})

/** A client whose methods note their arguments and give `result`. */
function fakeClient(result: unknown) {
  const taken: unknown[] = []
  const method = (...args: unknown[]) => {
    taken.push(...args)
    return Promise.resolve(structuredClone(result))
  }
  const client = { build: { findMany: method, create: method }, $queryRaw: method, $disconnect: method }
  return { client: withHexHashes(client as unknown as PrismaClient), taken }
}

test('arguments of a model have bytes in the columns of hashes, wherever they are', async () => {
  const { client, taken } = fakeClient(null)
  const startedAt = new Date(0)
  const args = {
    where: {
      AND: [{ inputId: one }, { mainBinarySha256: { in: [one, two], not: null } }],
      uuid: one,
      startedAt: { gte: startedAt },
      artifacts: { some: { sha256: { not: two } } },
    },
    orderBy: [{ mainBinarySha256: 'asc' as const }],
    select: { mainBinarySha256: true },
  }
  await client.build.findMany(args)
  expect(taken).toEqual([
    {
      where: {
        AND: [{ inputId: toHash(one) }, { mainBinarySha256: { in: [toHash(one), toHash(two)], not: null } }],
        uuid: one,
        startedAt: { gte: startedAt },
        artifacts: { some: { sha256: { not: toHash(two) } } },
      },
      orderBy: [{ mainBinarySha256: 'asc' }],
      select: { mainBinarySha256: true },
    },
  ])
  await expect(client.build.findMany({ where: { inputId: 'no hash' } })).rejects.toThrow('a SHA-256 is')
})

test('results have digits in the columns of hashes, and other bytes and times as they are', async () => {
  const [message, startedAt] = [new Uint8Array(32), new Date(5)]
  const stored = { inputId: toHash(one), resultMessage: message, startedAt, readmeSha256: null }
  const { client } = fakeClient([
    { ...stored, artifacts: [{ sha256: toHash(two) }], _max: { sha256: toHash(one) } },
  ])
  expect(await client.build.findMany()).toEqual([
    { ...stored, inputId: one, artifacts: [{ sha256: two }], _max: { sha256: one } },
  ])
})

test('all bytes that raw SQL reads are hashes', async () => {
  const { client } = fakeClient([{ least: toHash(one), greatest: null, count: 2n }])
  expect(await client.$queryRaw`SELECT 1`).toEqual([{ least: one, greatest: null, count: 2n }])
  const { client: other } = fakeClient([{ resultMessage: new Uint8Array(3) }])
  await expect(other.$queryRaw`SELECT 1`).rejects.toThrow('a stored SHA-256 has 3 bytes, not 32')
})
