import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findProjectDir } from '../../server/project-dir.ts'

/** `npm start` with a data directory of its own; `url` resolves when the server says that it is ready. */
function startByNpm(): { child: ChildProcess; url: Promise<string> } {
  const dir = mkdtempSync(join(tmpdir(), 'start-'))
  // A process group of its own, so that nothing outlives a test that fails.
  const child = spawn('npm', ['start', '--silent', '--', '--port', '0', '--data-dir', join(dir, 'data')], {
    cwd: findProjectDir(),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended.
    }
    rmSync(dir, { recursive: true, force: true })
  })
  const url = new Promise<string>((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const ready = /is ready at (\S+)/.exec(output)?.[1]
      if (ready) resolve(ready)
    })
    child.once('exit', () => reject(new Error(`npm start ended without being ready: ${output}`)))
  })
  return { child, url }
}

test('SIGTERM to npm start ends the server, with status 0', async () => {
  const { child, url } = startByNpm()
  const ready = await url
  expect((await fetch(`${ready}/ready`)).status).toBe(200)
  const closed = once(child, 'close')
  child.kill('SIGTERM')
  // `close` comes when no process holds the output any more: also the server has ended.
  expect(await closed).toEqual([0, null])
  await expect(fetch(`${ready}/ready`)).rejects.toThrow('fetch failed')
})
