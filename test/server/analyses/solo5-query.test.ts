import { expect, test } from 'vitest'
import { linkProgram } from '../../../demo/ocaml-program.ts'
import { testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { receiveAll, uuidOf } from '../graphql-site.ts'
import { analyseAll } from './analyse-all.ts'

type Devices = { name: string; type: 'net' | 'block' }[]

const unikernel = (target: 'hvt' | 'spt', devices: Devices) =>
  linkProgram({
    compiler: '5.2.1',
    units: [],
    stubs: [],
    texts: [],
    runsOn: { kind: 'solo5', target, devices },
  }).stripped

const service = { name: 'service', type: 'net' } as const
const storage = { name: 'storage', type: 'block' } as const

const recordOf = (
  number: number,
  job: string,
  main: Uint8Array | null,
  day: number,
  platform = 'debian-12',
) =>
  sampleRecord({
    job,
    platform,
    uuid: uuidOf(number),
    startedAt: new Date(Date.UTC(2026, 9, day)),
    artifacts: main ? [file(`bin/${job}`, main)] : [],
  })

async function analysedApp(records: Parameters<typeof receiveAll>[1]): Promise<TestApp> {
  const app = await testApp()
  await receiveAll(app, records)
  await analyseAll(app)
  app.takeQueries()
  return app
}

const buildQuery = `query ($uuid: UUID!) { build(uuid: $uuid) { solo5 {
  target abiVersion manifestVersion devices { name type } netDevices blockDevices reason } } }`

test('a build has the needs of its unikernel, or the reason why it is no unikernel', async () => {
  const app = await analysedApp([
    recordOf(1, 'dns', unikernel('hvt', [service, storage]), 1),
    recordOf(2, 'tool', Buffer.from('#!/bin/sh\n'), 1),
    recordOf(3, 'library', null, 1),
  ])
  const solo5Of = async (number: number) => {
    const { data, errors } = await app.graphql(buildQuery, { uuid: uuidOf(number) })
    expect(errors).toBeUndefined()
    return data.build.solo5 as unknown
  }
  expect(await solo5Of(1)).toEqual({
    target: 'HVT',
    abiVersion: 2,
    manifestVersion: 1,
    devices: [
      { name: 'service', type: 'NET_BASIC' },
      { name: 'storage', type: 'BLOCK_BASIC' },
    ],
    netDevices: ['service'],
    blockDevices: ['storage'],
    reason: null,
  })
  expect(await solo5Of(2)).toEqual({
    target: null,
    abiVersion: null,
    manifestVersion: null,
    devices: [],
    netDevices: [],
    blockDevices: [],
    reason: 'not a Solo5 unikernel: it is no ELF file but a script',
  })
  expect(await solo5Of(3)).toBeNull()
  const { data } = await app.graphql(
    `query ($uuid: UUID!) { build(uuid: $uuid) { analyses(kinds: [SOLO5]) { state error } } }`,
    { uuid: uuidOf(2) },
  )
  expect(data.build.analyses).toEqual([{ state: 'READY', error: null }])
})

test('the facts are null until the analysis has finished', async () => {
  const app = await testApp()
  await receiveAll(app, [recordOf(1, 'dns', unikernel('hvt', []), 1)])
  expect((await app.graphql(buildQuery, { uuid: uuidOf(1) })).data).toEqual({ build: { solo5: null } })
})

test('a job has the facts of its newest main binary on any platform', async () => {
  const app = await analysedApp([
    recordOf(1, 'dns', unikernel('spt', []), 3, 'freebsd-14'),
    recordOf(2, 'dns', unikernel('hvt', [service]), 2),
    recordOf(3, 'dns', null, 4),
    recordOf(4, 'tool', Buffer.from('#!/bin/sh\n'), 1),
    recordOf(5, 'library', null, 1),
  ])
  const { data } = await app.graphql(`{ jobs(first: 9) { nodes { name solo5 { target netDevices } } } }`)
  expect(data.jobs.nodes).toEqual([
    { name: 'dns', solo5: { target: 'SPT', netDevices: [] } },
    { name: 'library', solo5: null },
    { name: 'tool', solo5: null },
  ])
})

test('a page of jobs costs one statement more, however many there are', async () => {
  const main = unikernel('hvt', [service])
  const count = async (jobs: number) => {
    const app = await analysedApp(
      Array.from({ length: jobs }, (_, n) =>
        recordOf(n, `job-${n}`, Buffer.concat([main, Buffer.from(`${n}`)]), 1),
      ),
    )
    const statements = async (query: string) => {
      app.takeQueries()
      expect((await app.graphql(query)).errors).toBeUndefined()
      return app.takeQueries().length
    }
    const without = await statements(`{ jobs(first: 50) { nodes { name } } }`)
    return (
      (await statements(`{ jobs(first: 50) { nodes { name solo5 { target netDevices blockDevices } } } }`)) -
      without
    )
  }
  expect(await count(1)).toBe(1)
  expect(await count(30)).toBe(1)
})

test('names that are too long for lists are left out, and the answer says so', async () => {
  const devices = Array.from({ length: 60 }, () => ({ name: '\x01'.repeat(60), type: 'net' as const }))
  const app = await analysedApp([recordOf(1, 'dns', unikernel('hvt', devices), 1)])
  const { data } = await app.graphql(buildQuery, { uuid: uuidOf(1) })
  expect(data.build.solo5).toMatchObject({
    target: 'HVT',
    devices: [],
    reason: 'the names in the Solo5 manifest are too long',
  })
})
