import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../../server/clock.ts'
import { runProgram, type Program } from '../../../server/hooks/run-program.ts'
import { temporaryDir } from '../../app.ts'

const never = new AbortController().signal

function programOf(script: string, parts: Partial<Program> = {}): Program {
  const file = join(temporaryDir(), 'hook.sh')
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return {
    ...{ file, args: [], env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }, folder: temporaryDir() },
    ...{ timeoutMs: 60_000, graceMs: 200, maxOutputBytes: 1_000 },
    ...parts,
  }
}

const run = (script: string, parts?: Partial<Program>, signal = never) =>
  runProgram(programOf(script, parts), systemClock, signal)

/** Whether a process runs, and is no zombie. */
function isAlive(pid: string): boolean {
  const stat = `/proc/${pid}/stat`
  try {
    return !/\) Z /.test(readFileSync(stat, 'latin1'))
  } catch {
    return false
  }
}

test('a program gets its arguments, its folder and its environment, and nothing of the server', async () => {
  process.env['SECRET_OF_A_TEST'] = 'secret'
  const { exitStatus, output, signal } = await run('pwd; printf "%s|" "$@"; echo; env | sort; umask', {
    args: ['--job=a b', "it's", ''],
  })
  delete process.env['SECRET_OF_A_TEST']
  expect([exitStatus, signal]).toEqual([0, null])
  const [folder, args, ...rest] = output.text.toString().trimEnd().split('\n')
  expect(folder).toMatch(/builder-hub-test-/)
  expect(args).toBe("--job=a b|it's||")
  expect(rest).toEqual(['LANG=C.UTF-8', 'PATH=/usr/bin:/bin', `PWD=${folder}`, '0022'])
})

test('both outputs are one, in their order', async () => {
  const { output } = await run('echo one; echo two >&2; echo three; cat')
  expect(output.text.toString()).toBe('one\ntwo\nthree\n')
})

test('of 100 MB of output the first and the last part are kept', async () => {
  const { exitStatus, output } = await run('echo first; head -c 100000000 /dev/zero | tr "\\0" x; echo last')
  expect(exitStatus).toBe(0)
  expect(output.printedBytes).toBe(100_000_011)
  expect(output.text.toString()).toBe(
    `first\n${'x'.repeat(494)}\n[… ${100_000_011 - 1_000} bytes are left out …]\n${'x'.repeat(495)}last\n`,
  )
})

test.each([
  ['exits by itself', 'exit 3', { exitStatus: 3, signal: null }],
  ['dies by a signal', 'kill -SEGV $$', { exitStatus: null, signal: 'SIGSEGV' }],
  ['removes its own folder', 'rm -rf "$PWD"; exit 0', { exitStatus: 0, signal: null }],
])('a program that %s', async (_what, script, expected) => {
  expect(await run(script)).toMatchObject({ ...expected, isLate: false })
})

test('a program that takes too long is ended with the whole group, also what ignores SIGTERM', async () => {
  const { isLate, output, signal } = await run(
    '(trap "" TERM; echo $$; exec sleep 1000) & sleep 1000 & echo $!; echo $$; wait; sleep 1000',
    { timeoutMs: 300 },
  )
  expect([isLate, signal]).toEqual([true, 'SIGTERM'])
  const pids = output.text.toString().trim().split('\n')
  await expect.poll(() => pids.filter(isAlive)).toEqual([])
})

test('what a program leaves behind in its group is ended, and its output is not waited for', async () => {
  const { exitStatus, output } = await run('sleep 1000 & echo $!; (sleep 1000 & echo $!) ; exit 0')
  expect(exitStatus).toBe(0)
  const pids = output.text.toString().trim().split('\n')
  expect(pids).toHaveLength(2)
  await expect.poll(() => pids.filter(isAlive)).toEqual([])
})

test('a process that has left the group is not waited for', async () => {
  const { exitStatus, output } = await run('setsid sleep 1000 & echo $!')
  expect(exitStatus).toBe(0)
  process.kill(Number(output.text.toString()))
})

test('a program that is no longer wanted is ended, and the reason is thrown', async () => {
  const stopping = new AbortController()
  const folder = temporaryDir()
  const running = run('echo $$ > pid; sleep 1000', { folder }, stopping.signal)
  await expect.poll(() => existsSync(join(folder, 'pid')) && readdirSync(folder)).toEqual(['pid'])
  stopping.abort(new Error('the server stops'))
  await expect(running).rejects.toThrow('the server stops')
  expect(isAlive(readFileSync(join(folder, 'pid'), 'utf8').trim())).toBe(false)
})

test.each([
  ['an argument with a NUL', { args: ['a\0b'] }, 'ERR_INVALID_ARG_VALUE'],
  ['too long arguments', { args: ['x'.repeat(4_000_000)] }, 'E2BIG'],
  ['a folder that is gone', { folder: '/nowhere' }, 'ENOENT'],
])('%s is an error', async (_what, parts, code) => {
  await expect(run('exit 0', parts)).rejects.toMatchObject({ code })
})
