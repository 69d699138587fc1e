import { createHash } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { Deps } from '../../../server/deps.ts'
import { packageReader } from '../../../server/repositories/package-reader.ts'
import { publishHandler } from '../../../server/repositories/publish-handler.ts'
import { createTaskRunner } from '../../../server/runner/task-runner.ts'
import { createWorkerPool } from '../../../server/workers/worker-pool.ts'
import { control, debOf, tarOf } from '../../formats/package-files.ts'
import { testProgram } from '../../programs.ts'
import { repositorySite } from './repository-site.ts'

/** Workers of this program, in place of the server's own. */
function workersOf(file: string): Deps['workers'] {
  const pool: Deps['workers'] = createWorkerPool({ file, maxProcesses: 1 })
  onTestFinished(() => pool.close())
  return pool
}

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('what only a package can be blamed for is marked, after three attempts; workers that do not start mark nothing', async () => {
  const { app, uploadPackage, published } = await repositorySite('[apt.debian-12]\n')
  const { deps } = app
  await deps.runner.close()
  const content = await debOf()
  await uploadPackage(content)
  const sha256 = sha256Of(content)

  const dying = packageReader({ ...deps, workers: workersOf(testProgram('hostile-worker')) }, { retryMs: 0 })
  expect(await dying.read(sha256, 'DEB')).toBeNull()
  expect(await dying.read(sha256, 'DEB')).toBeNull()
  expect(await dying.read(sha256, 'DEB')).toMatchObject({
    problem: 'reading it ended the process; it was tried 3 times',
  })
  const patient = packageReader(
    { ...deps, workers: workersOf(testProgram('hostile-worker')) },
    { retryMs: 3_600_000 },
  )
  for (let time = 0; time < 5; time++) expect(await patient.read(sha256, 'DEB')).toBeNull()

  const missing = { ...deps, workers: workersOf('/does/not/exist.mjs') }
  const broken = packageReader(missing, { retryMs: 0 })
  for (let time = 0; time < 4; time++)
    await expect(broken.read(sha256, 'DEB')).rejects.toThrow('worker process ended')
  // Also as the server runs it: the error is shown, and the package is published by the next server.
  const runner = createTaskRunner(deps, [publishHandler(missing)], { drainMs: 0 })
  onTestFinished(() => runner.close())
  await runner.start()
  await expect
    .poll(() => deps.db.queuedTask.findFirst({ where: { kind: 'PUBLISH_REPOSITORIES' } }))
    .toMatchObject({ error: expect.stringContaining('worker process ended') as string })
  await runner.close()
  expect(await deps.db.package.count()).toBe(0)
  const next = createTaskRunner(deps, [publishHandler(deps)], { drainMs: 0 })
  onTestFinished(() => next.close())
  await next.start()
  await published('apt/debian-12', 1)

  // The same bytes give the same facts, whatever they are called; and a problem is short.
  const reader = packageReader(deps, { retryMs: 0 })
  expect(await reader.read(sha256, 'FREEBSD')).toMatchObject({
    format: 'DEB',
    version: '1:0.1-1',
    problem: null,
  })
  const manifest = {
    name: 'hello',
    version: '1',
    origin: 'local/hello',
    prefix: '/',
    abi: 'FreeBSD:14:amd64',
  }
  const freebsd = await tarOf({ '+COMPACT_MANIFEST': JSON.stringify(manifest) })
  const long = await debOf(`${control}${`${'X'.repeat(100_000)}: 1\n`.repeat(2)}`)
  await uploadPackage(freebsd, { job: 'freebsd' })
  await uploadPackage(long, { job: 'long' })
  await published('apt/debian-12', 1)
  const { details } = await deps.db.repository.findUniqueOrThrow({ where: { name: 'apt/debian-12' } })
  expect(details.length).toBeLessThan(2_000)
  const problems = (JSON.parse(details) as { unreadable: { job: string; problem: string }[] }).unreadable
  expect(problems).toEqual([
    { job: 'long', sha256: sha256Of(long), problem: expect.stringContaining('the field XXX') },
    { job: 'freebsd', sha256: sha256Of(freebsd), problem: 'it is a FreeBSD package' },
  ])
})
