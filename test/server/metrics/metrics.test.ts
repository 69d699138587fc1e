import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { beforeAll, expect, test } from 'vitest'
import { DatabaseBusyError, DatabaseUnavailableError } from '../../../server/database/writer.ts'
import { StorageFullError } from '../../../server/errors.ts'
import { noteBackup } from '../../../server/backup/last-backup.ts'
import { checkBackup } from '../../../server/doctor/check-backup.ts'
import { observeUpload } from '../../../server/metrics/observe-upload.ts'
import { createMetrics } from '../../../server/metrics/metrics.ts'
import { serveMetrics, stopMetrics } from '../../../server/metrics/metrics.http.ts'
import { addSiteMetrics } from '../../../server/metrics/site-metrics.ts'
import { basicAuth, alice, projectDir, temporaryDir, testApp, type TestApp } from '../../app.ts'
import { encodeExecRecord, type ExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { sampleRecord } from '../../record.ts'

let app: TestApp
let scrape: () => Promise<string>

beforeAll(async () => {
  app = await testApp({ keep: true })
  addSiteMetrics(app.deps.metrics, app.deps)
  const served = await serveMetrics(app.deps, { host: '127.0.0.1', port: 0 })
  scrape = async () => (await fetch(served.url)).text()
  return async () => {
    await stopMetrics(served)
    await app.close()
  }
})

const bytesOf = (record: ExecRecord) => buffer(encodeExecRecord(record))

/** The value of a sample as it is printed, e.g. of `builder_hub_uploads_total{outcome="stored"}`; null: it is absent. */
function valueOf(text: string, sample: string): number | null {
  const line = text.split('\n').find((one) => one.startsWith(`${sample} `))
  return line === undefined ? null : Number(line.slice(sample.length))
}

test('uploads are counted by how they end, with their bytes and phases', async () => {
  const record = sampleRecord()
  const size = (await bytesOf(record)).length
  expect((await app.upload(record)).status).toBe(201)
  expect((await app.upload(record)).status).toBe(409)
  const broken = await fetch(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice) },
    body: 'no record',
  })
  expect(broken.status).toBe(400)
  await app.deps.background.settled()
  const text = await scrape()
  expect(valueOf(text, 'builder_hub_uploads_total{outcome="stored"}')).toBe(1)
  expect(valueOf(text, 'builder_hub_uploads_total{outcome="refused"}')).toBe(2)
  expect(valueOf(text, 'builder_hub_uploads_in_progress')).toBe(0)
  expect(valueOf(text, 'builder_hub_upload_bytes_total')).toBeGreaterThanOrEqual(size)
  expect(valueOf(text, 'builder_hub_upload_duration_seconds_count{phase="commit"}')).toBe(1)
  // The upload, and an entry of the audit log for each one that was refused.
  expect(valueOf(text, 'builder_hub_db_transaction_duration_seconds_count{outcome="committed"}')).toBe(3)
  expect(valueOf(text, 'builder_hub_builds{status="succeeded"}')).toBe(1)
  expect(valueOf(text, 'builder_hub_builds_by_verdict{verdict="unconfirmed"}')).toBe(1)
  expect(valueOf(text, 'builder_hub_newest_upload_timestamp_seconds')).toBeGreaterThan(1.7e9)
  expect(valueOf(text, 'builder_hub_damaged_blobs')).toBe(0)
  expect(valueOf(text, 'builder_hub_last_scrub_timestamp_seconds')).toBeNull()
  // Nothing runs them here.
  expect(valueOf(text, 'builder_hub_tasks{kind="failure",state="pending"}')).toBeNull()
  expect(valueOf(text, 'builder_hub_oldest_task_age_seconds{kind="describe_job"}')).toBeGreaterThanOrEqual(0)
})

test('an upload whose client goes away is broken off', async () => {
  const record = await bytesOf({ ...sampleRecord(), uuid: '00000000-0000-4000-8000-0000000000b0' })
  const sending = request(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(alice), 'Content-Length': record.length },
  })
  sending.on('error', () => {})
  sending.write(record.subarray(0, record.length - 1))
  await expect.poll(async () => valueOf(await scrape(), 'builder_hub_uploads_in_progress')).toBe(1)
  sending.destroy()
  await expect
    .poll(async () => valueOf(await scrape(), 'builder_hub_uploads_total{outcome="broken_off"}'))
    .toBe(1)
  expect(valueOf(await scrape(), 'builder_hub_uploads_in_progress')).toBe(0)
})

test('a fault of the server is a failed upload', async () => {
  const metrics = createMetrics()
  const faults = [
    new Error('EIO: the disk is gone'),
    new StorageFullError(),
    new DatabaseBusyError(),
    new DatabaseUnavailableError(),
  ]
  for (const fault of faults) observeUpload(metrics).ended(fault)
  expect(await metrics.registry.metrics()).toContain('builder_hub_uploads_total{outcome="failed"} 4')
})

test('requests are counted by pattern of the path, whatever clients send', async () => {
  for (const path of ['/robots.txt', '/job/any/build/latest', '/job/other/build/latest', '/nothing/here'])
    await fetch(`${app.url}${path}`, { redirect: 'manual' })
  await fetch(`${app.url}/robots.txt`, { method: 'PROPFIND' })
  const text = await scrape()
  expect(
    valueOf(text, 'builder_hub_http_requests_total{method="GET",route="/robots.txt",status="200"}'),
  ).toBe(1)
  const latest = 'method="GET",route="/job/:job/build/latest",status="404"'
  expect(valueOf(text, `builder_hub_http_requests_total{${latest}}`)).toBe(2)
  expect(valueOf(text, 'builder_hub_http_requests_total{method="other",route="other",status="405"}')).toBe(1)
  expect(text).not.toContain('nothing/here')
})

test('operations are counted, and answers out of memory', async () => {
  const query = '{ site { buildCount jobCount } }'
  for (let times = 0; times < 3; times++) await app.graphql(query)
  await app.graphql('{ node(id: "x") { id } }')
  const text = await scrape()
  expect(valueOf(text, 'builder_hub_graphql_operations_total{operation="other",outcome="ok"}')).toBe(1)
  expect(valueOf(text, 'builder_hub_cache_requests_total{cache="graphql",outcome="hit"}')).toBe(2)
})

test('the age of the last backup is known once there is one', async () => {
  expect(valueOf(await scrape(), 'builder_hub_backup_age_seconds')).toBeNull()
  const { dataDir } = app.deps.config
  const finishedAt = new Date(Date.now() - 3_600_000)
  await noteBackup(dataDir, { folder: '/mnt/backup/hub', name: 'a', finishedAt, lostCount: 2 })
  const text = await scrape()
  const age = valueOf(text, 'builder_hub_backup_age_seconds') ?? 0
  expect(age).toBeGreaterThanOrEqual(3_600)
  expect(valueOf(text, 'builder_hub_backup_lost_blobs')).toBe(2)

  const found = async (hours: number) => {
    const now = new Date(finishedAt.getTime() + hours * 3_600_000)
    return (await checkBackup(app.deps.db, { dataDir }, now)).map(({ level, text }) => `${level}: ${text}`)
  }
  expect(await found(25)).toEqual(['ok: the last backup ended 25 hours ago, in /mnt/backup/hub'])
  expect(await found(26)).toEqual([expect.stringMatching(/^warning: .* 26 hours ago/)])
  writeFileSync(join(dataDir, 'last-backup.json'), '{')
  expect(valueOf(await scrape(), 'builder_hub_backup_age_seconds')).toBeNull()
})

test('names and units follow the conventions of Prometheus', async () => {
  const text = await scrape()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({
    name,
    type,
  }))
  expect(types.length).toBeGreaterThan(15)
  for (const { name, type } of types) {
    expect(name).toMatch(/^builder_hub_[a-z][a-z_]*[a-z]$/)
    expect(name.endsWith('_total'), name).toBe(type === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb|gauge|counter)(_|$)/)
    if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/)
  }
  // No label has a value that a client chose.
  const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, name]) => name))
  expect([...labels].sort()).toEqual([
    'cache',
    'kind',
    'le',
    'method',
    'operation',
    'outcome',
    'phase',
    'route',
    'state',
    'status',
    'verdict',
    'version',
  ])
})

test('the metrics have an address of their own, which may be a socket', async () => {
  expect((await fetch(`${app.url}/metrics`)).status).toBe(404)
  const path = join(temporaryDir(), 'metrics.sock')
  // What a server leaves that is killed.
  const killed = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
  spawnSync(process.execPath, ['-e', killed])
  expect(existsSync(path)).toBe(true)
  const served = await serveMetrics(app.deps, { path })
  expect(statSync(path).mode & 0o777).toBe(0o660)
  await expect(serveMetrics(app.deps, { path })).rejects.toThrow('EADDRINUSE')
  const status = (method: string, target: string) =>
    new Promise((resolve, reject) => {
      request({ socketPath: path, path: target, method }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end()
    })
  expect(await status('GET', '/metrics')).toBe(200)
  expect(await status('HEAD', '/metrics')).toBe(200)
  expect(await status('POST', '/metrics')).toBe(405)
  expect(await status('GET', '/')).toBe(404)
  await stopMetrics(served)
})

test.each(['grafana/builder-hub.json', 'prometheus/alerts.yaml'])(
  '%s asks for metrics that there are',
  async (file) => {
    const text = await scrape()
    const served = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
    const asked = readFileSync(join(projectDir, 'packaging', file), 'utf8').matchAll(/\bbuilder_hub_\w+/g)
    const names = new Set([...asked].map(([name]) => name.replace(/_bucket$/, '')))
    expect(names.size).toBeGreaterThan(4)
    expect([...names].filter((name) => !served.has(name))).toEqual([])
  },
)
