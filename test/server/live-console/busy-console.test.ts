import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { createLiveConsoles } from '../../../server/live-console/live-consoles.ts'
import { projectDir, temporaryDir } from '../../app.ts'
import { isLong } from '../../long.ts'

const uuid = '5f0c8f8e-9f0e-4c0c-8a31-6b1a7a2f9d10'
/** What 50 workers print within 10 minutes, in one console; with test:long. */
const lineCount = isLong ? 4_000_000 : 100_000

test(
  'memory does not grow with a console, nor with readers that do not read; kill -9 loses no line that was written',
  async () => {
    const dir = temporaryDir()
    const child = spawn(
      process.execPath,
      [
        ...['--expose-gc', '--import', 'tsx', join(projectDir, 'test/server/live-console/busy-console.ts')],
        ...[dir, uuid, String(lineCount), '200'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const ended = once(child, 'exit')
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended
    })
    const memory: number[] = []
    let written = 0
    for await (const line of createInterface(child.stdout)) {
      if (line === 'done') break
      const [count = 0, rss = 0] = line.split(' ').map(Number)
      written = count
      memory.push(rss / 2 ** 20)
      // Somewhere in the middle of a write.
      if (!isLong && count > lineCount * 0.9) break
    }
    child.kill('SIGKILL')
    await ended

    const settled = memory[1] ?? 0
    const most = Math.max(...memory)
    if (isLong) process.stdout.write(`a console of ${written} lines: ${settled} MiB, ${most} MiB at most\n`)
    expect(most - settled).toBeLessThan(48)

    const consoles = createLiveConsoles(dir)
    onTestFinished(() => consoles.close())
    const console = await consoles.open(uuid)
    expect(console.lineCount).toBeGreaterThanOrEqual(written)
    let number = console.lineCount
    for await (const { text } of console.newestFirst()) {
      number--
      const expected = number === 0 ? 'the first line' : `${number}: some forty bytes, as lines often have`
      if (Buffer.compare(text, Buffer.from(expected)) !== 0)
        expect(Buffer.from(text).toString()).toBe(expected)
    }
    expect(number).toBe(0)
  },
  isLong ? 600_000 : 60_000,
)
