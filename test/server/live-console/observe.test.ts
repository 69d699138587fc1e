import { randomUUID } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { runHub } from '../../../server/cli/hub.ts'
import { testApp } from '../../app.ts'
import { hub } from '../../hub.ts'
import { sampleRecord } from '../../record.ts'
import { addRun, addTry, print, setRun, setTry } from './run-site.ts'

test('hub run observe prints the lines of a run, goes on after a break, and exits as the run did', async () => {
  const app = await testApp()
  const run = await addRun(app)
  const [out, complaints] = [new PassThrough(), new PassThrough()]
  let [stdout, stderr] = ['', '']
  out.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  complaints.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const observing = runHub(['run', 'observe', run, '--url', app.url], {
    ...{ env: process.env, stdin: Readable.from([]), stdout: out, stderr: complaints },
  })
  const viewers = () => app.deps.events.listenerCount('serverStops')
  await expect.poll(viewers).toBe(1)
  await addTry(app, run)
  await print(app, run, 0, 3)
  await setRun(app, run, 'RUNNING')
  await expect.poll(() => stdout).toContain('line 2\n')
  app.deps.events.emit('serverStops')
  await print(app, run, 3, 5)
  await expect.poll(viewers).toBe(1)
  await print(app, run, 5, 6)
  await expect.poll(() => stdout).toContain('line 5\n')
  await app.upload(sampleRecord({ uuid: run, result: { kind: 'exited', code: 7n } }))
  await setTry(app, run, { state: 'ENDED', ending: 'STORED' })
  await setRun(app, run, 'FAILED')
  await app.deps.consoles.find(run)?.dispose()
  expect(await observing).toBe(7)
  expect(stdout).toBe(Array.from({ length: 6 }, (_, n) => `line ${n}\n`).join(''))
  expect(stderr).toMatch(/the connection broke, and is made again\n/)
  expect(stderr).toMatch(/(^|\n)exited 7\n$/)

  // Whoever comes late gets the lines from the build.
  expect(await hub(['run', 'observe', run, '--url', app.url])).toMatchObject({
    ...{ status: 7, stdout: expect.stringMatching(/^hello\n.*done.*\n$/) },
  })

  await setRun(app, run, 'CANCELLED')
  expect(await hub(['run', 'observe', run, '--url', app.url])).toMatchObject({
    ...{ status: 1, stdout: '', stderr: 'the run is over: cancelled\n' },
  })
  const unknown = randomUUID()
  expect(await hub(['run', 'observe', unknown, '--url', app.url])).toMatchObject({
    ...{ status: 1, stderr: `no run ${unknown}\n` },
  })
  expect(await hub(['run', 'observe', unknown, '--url', 'http://127.0.0.1:9'])).toMatchObject({
    ...{ status: 1, stderr: expect.stringContaining('http://127.0.0.1:9 cannot be reached') },
  })
})
