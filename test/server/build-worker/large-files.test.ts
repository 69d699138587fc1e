import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { freePort } from '../../../bench/scheduling-peers.ts'
import { makeDataDir } from '../../durability/data-dir.ts'
import { startChild } from '../../durability/server-child.ts'
import { isLong } from '../../long.ts'
import { ask } from '../builder-protocol/wire-peer.ts'
import { platform, testWorker } from './worker-site.ts'

const mebibyte = 2 ** 20
const fileMebibytes = isLong ? 2_048 : 256
const fileBytes = fileMebibytes * mebibyte
/** Of the chunks that are under way, and what the collector leaves for later. */
const allowedGrowth = 192 * mebibyte

/** The most memory that this process has had since the reset, in bytes. Source: proc_pid_status(5). */
const peakOfThisProcess = () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? NaN) * 1_024

const protocols: [string, boolean][] = [
  ['the protocol of the hub', false],
  ["builder's protocol", true],
]

test.each(isLong ? protocols : protocols.slice(0, 1))(
  `a file of ${fileMebibytes} MiB goes from a worker to the hub by %s, and neither has it in memory`,
  { timeout: 900_000 },
  async (_what, isBuilderProtocol) => {
    const address = { host: '127.0.0.1', port: await freePort() }
    const hub = await startChild(makeDataDir(), 'plain', {
      BUILDER_HUB_BUILDER_LISTEN: `${address.host}:${address.port}`,
      BUILDER_HUB_UPLOAD_MAX_BYTES: String(2 * fileBytes),
    })
    const listener = `${address.host}:${address.port}`
    const script = Buffer.from(`#!/bin/sh\nmkdir bin; truncate -s ${fileBytes} bin/large\n`)
    const job = { name: 'large', platform, script }
    await ask(listener, { kind: 'schedule', period: 'NEVER', job })
    hub.resetPeak()
    writeFileSync('/proc/self/clear_refs', '5')
    const [hubBefore, workerBefore] = [hub.memory().now, process.memoryUsage.rss()]
    await testWorker(address.port, { isBuilderProtocol })
    const path = '/job/large/build/latest/f/bin/large'
    const sizeOf = async () => {
      const answer = await fetch(`${hub.url}${path}`, { method: 'HEAD' })
      return answer.ok ? answer.headers.get('content-length') : answer.status
    }
    await expect.poll(sizeOf, { timeout: 600_000, interval: 500 }).toBe(String(fileBytes))
    const [hubGrowth, workerGrowth] = [hub.memory().peak - hubBefore, peakOfThisProcess() - workerBefore]
    const shown = (bytes: number) => `${(bytes / mebibyte).toFixed(0)} MiB`
    process.stdout.write(
      `${fileMebibytes} MiB: the hub grew by ${shown(hubGrowth)}, the worker by ${shown(workerGrowth)}\n`,
    )
    expect(hubGrowth).toBeLessThan(allowedGrowth)
    expect(workerGrowth).toBeLessThan(allowedGrowth)
  },
)
