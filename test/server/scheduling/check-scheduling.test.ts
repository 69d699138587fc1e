import { expect, test } from 'vitest'
import { checkBuilderListener, checkScheduling } from '../../../server/doctor/check-scheduling.ts'
import { pauseQueue } from '../../../server/scheduling/queues.ts'
import { testApp } from '../../app.ts'
import { actAt, add, opamJob, scriptJob, writeTemplate } from './scheduling-site.ts'

const hourMs = 3_600_000
const start = new Date('2026-11-30T10:00:00Z')
const after = (hours: number) => new Date(start.getTime() + hours * hourMs)

test('the doctor names what keeps runs waiting: workers, templates, and too much work', async () => {
  const app = await testApp({ env: { BUILDER_HUB_BUILDER_LISTEN: '127.0.0.1:4321' } })
  const { deps } = app
  const { config, db, writer } = deps
  const found = async (hours = 1, settings = config) =>
    (await checkScheduling(db, settings, after(hours))).map(({ level, text }) => `${level}: ${text}`)
  const worker = (platform: string) =>
    writer.transact([], (tx) =>
      tx.buildWorker.create({
        data: {
          ...{ name: `w-${platform}`, platform, address: '', protocol: 'HUB', software: '', slots: 1 },
          ...{ connections: 1, connectedAt: start, lastSeenAt: start },
        },
      }),
    )
  expect(await found()).toEqual([])
  await add(deps, scriptJob('hello', 'debian-12'))
  await add(deps, { ...scriptJob('daily', 'debian-12'), period: 'DAILY' })
  const alone = 'warning: 2 runs wait for a worker of debian-12, and none is connected: '
  expect(await found()).toEqual([`${alone}"hub worker --server HOST:4321 --platform debian-12" starts one`])
  expect(await found(1, { ...config, builderListen: '' })).toEqual([
    `${alone}set --builder-listen, so that workers can connect`,
  ])
  await worker('debian-12')
  expect(await found()).toEqual(['ok: 2 runs wait, and nothing is missing for them'])
  expect(await found(25)).toEqual([
    'warning: 1 job on debian-12 waits for longer than the period of the schedule, the first since ' +
      '2026-11-30T10:00:00.000Z: start more workers of the platform, or build less often',
  ])
  await pauseQueue(deps, actAt(), { platform: 'debian-12' })
  expect(await found(25)).toEqual(['ok: 2 runs wait, and nothing is missing for them'])
  await worker('freebsd-14')
  writeTemplate(deps, 'freebsd-14')
  await add(deps, opamJob('dns'))
  await writer.transact([], (tx) =>
    tx.run.updateMany({ where: { job: 'dns' }, data: { platform: 'openbsd' } }),
  )
  expect(await found()).toEqual([
    'warning: 1 run waits because openbsd has no template for opam packages: "hub template set openbsd FILE" adds one',
  ])
})

test('a listener that everybody reaches is named, with what protects it', () => {
  const check = (builderListen: string, builderTlsCert = '', builderTokenRequired = false) =>
    checkBuilderListener({ builderListen, builderTlsCert, builderTokenRequired }).map(
      ({ level, text }) => `${level}: ${text}`,
    )
  expect(check('')).toEqual([])
  for (const address of ['127.0.0.1:1234', '[::1]:1234', 'localhost:1234'])
    expect(check(address)).toEqual([`ok: workers connect to ${address}`])
  const everybody =
    'warning: everybody who reaches --builder-listen 0.0.0.0:1234 can schedule jobs and take them: set '
  expect(check('0.0.0.0:1234')).toEqual([
    `${everybody}--builder-tls-cert and --builder-tls-key and --builder-token-required, or listen on 127.0.0.1`,
  ])
  expect(check('0.0.0.0:1234', 'cert.pem')).toEqual([
    `${everybody}--builder-token-required, or listen on 127.0.0.1`,
  ])
  expect(check('0.0.0.0:1234', '', true)).toEqual([
    'warning: tokens of workers are sent to --builder-listen 0.0.0.0:1234 without TLS: set --builder-tls-cert and --builder-tls-key, or listen on 127.0.0.1',
  ])
  expect(check('0.0.0.0:1234', 'cert.pem', true)).toEqual(['ok: workers connect to 0.0.0.0:1234'])
})
