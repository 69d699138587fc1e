import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from '../../server/config.ts'
import { createLog } from '../../server/log.ts'
import { startServer } from '../../server/start-server.ts'
import { projectDir, temporaryDir } from '../app.ts'

function configOf(dataDir: string, port = 0) {
  return readConfig({
    BUILDER_HUB_DATA_DIR: dataDir,
    BUILDER_HUB_PORT: String(port),
    BUILDER_HUB_LOG_LEVEL: 'silent',
  })
}

/** A port that another program listens on. */
async function takenPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('a start that fails at the port leaves neither locks nor connections', async () => {
  const dataDir = temporaryDir()
  await expect(startServer(configOf(dataDir, await takenPort()), projectDir)).rejects.toThrow('EADDRINUSE')
  const server = await startServer(configOf(dataDir), projectDir)
  await server.stop()
})

test('a start that fails at the tasks closes the runner and releases the locks', async () => {
  const dataDir = temporaryDir()
  const calls: string[] = []
  const runner = {
    start: () => Promise.reject(new Error('no tasks')),
    kinds: [],
    close: () => Promise.resolve(void calls.push('closed')),
    prioritize: () => {},
    wake: () => {},
    settled: () => Promise.resolve(),
  }
  await expect(startServer(configOf(dataDir), projectDir, { runner })).rejects.toThrow('no tasks')
  expect(calls).toEqual(['closed'])
  await (await startServer(configOf(dataDir), projectDir)).stop()
})

test('a component that does not stop is logged, and the rest stops', async () => {
  const dataDir = temporaryDir()
  const lines: unknown[] = []
  const log = createLog('silent')
  log.error = (...parts: unknown[]) => void lines.push(parts)
  const server = await startServer(configOf(dataDir), projectDir, { log })
  server.deps.runner.close = () => Promise.reject(new Error('stuck'))
  await server.stop()
  expect(lines).toEqual([[{ component: 'tasks', err: new Error('stuck') }, 'not stopped']])
  await (await startServer(configOf(dataDir), projectDir)).stop()
  await expect(fetch(server.url)).rejects.toThrow('fetch failed')
})
