import {
  type BuilderListener,
  type ListenerOptions,
  startBuilderListener,
} from '../../../server/builder-protocol/listener.ts'
import type { Clock } from '../../../server/clock.ts'
import { testApp, type TestApp } from '../../app.ts'
import { memoryScheduler, type MemoryScheduler } from './memory-scheduler.ts'
import { onTestFinished } from 'vitest'

export type ProtocolSite = {
  close: () => Promise<void>
  app: TestApp
  scheduler: MemoryScheduler
  listener: BuilderListener
  address: string
  /** What the log says, as `level message`. */
  logged: string[]
}

/** The listener with a scheduler in memory: for what the protocol itself does. Closed when the test ends. */
export async function protocolSite(
  options: ListenerOptions = {},
  env: Record<string, string> = {},
): Promise<ProtocolSite> {
  const site = await openProtocolSite(options, env)
  onTestFinished(site.close)
  return site
}

/** Like `protocolSite`, for the tests of a file together, which close it. */
export async function openProtocolSite(
  options: ListenerOptions = {},
  env: Record<string, string> = {},
  overrides: { clock?: Clock } = {},
): Promise<ProtocolSite> {
  const logged: string[] = []
  const app = await testApp({
    keep: true,
    env: { BUILDER_HUB_BUILDER_LISTEN: '127.0.0.1:0', ...env },
    ...overrides,
  })
  const scheduler = memoryScheduler(app.deps.consoles)
  const note = (level: string) => (_fields: unknown, message: string) =>
    void logged.push(`${level} ${message}`)
  const log = Object.assign(Object.create(app.deps.log) as typeof app.deps.log, {
    ...{ info: note('info'), warn: note('warn'), error: note('error') },
  })
  const listener = await startBuilderListener({ ...app.deps, log, scheduler }, options)
  const close = async () => {
    await listener.close()
    await app.close()
  }
  return { close, app, scheduler, listener, address: listener.address, logged }
}

/** The rows of a run and its try, which a scheduler in memory does not write. */
export async function addTry({ writer }: TestApp['deps'], uuid: string): Promise<void> {
  const at = new Date()
  await writer.transact([], async (tx) => {
    const run = await tx.run.create({
      data: {
        ...{ uuid, job: 'hello', platform: 'debian-12', state: 'RUNNING', cause: 'REQUEST', kind: 'SCRIPT' },
        ...{ priority: 0, position: 0, queuedAt: at, definition: '{}', maxParallel: 1 },
      },
    })
    await tx.runTry.create({
      data: {
        ...{ runId: run.id, number: 1, uuid, workerName: 'w', address: '127.0.0.1', state: 'RUNNING' },
        ...{ scriptSha256: '00'.repeat(32), assignedAt: at, deadlineAt: at },
      },
    })
  })
}
