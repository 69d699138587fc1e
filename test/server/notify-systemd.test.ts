import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { watchdogPauseMs } from '../../server/notify-systemd.ts'
import { builtProgram } from '../programs.ts'
import { temporaryDir } from '../app.ts'

const hasPrograms = ['systemd-notify', 'python3'].every(
  (program) => spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0,
)

/** Receives datagrams as systemd does, and prints each with its lines joined by spaces. Node.js has no such sockets. */
const receiver = `
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
print('listening', flush=True)
while True:
    print(s.recv(4096).decode().replace('\\n', ' ').strip(), flush=True)
`

test.skipIf(!hasPrograms)('systemd hears that the server is ready, alive and stopping', async () => {
  const dir = temporaryDir()
  const socket = join(dir, 'notify.sock')
  const listener = spawn('python3', ['-c', receiver, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void listener.kill('SIGKILL'))
  const heard: string[] = []
  createInterface(listener.stdout).on('line', (line) => heard.push(line))
  await expect.poll(() => heard).toEqual(['listening'])

  const server = spawn(
    process.execPath,
    [builtProgram('server'), '--port', '0', '--data-dir', join(dir, 'data')],
    {
      env: { ...process.env, BUILDER_HUB_CONFIG: '', NOTIFY_SOCKET: socket, WATCHDOG_USEC: '400000' },
      stdio: 'ignore',
    },
  )
  onTestFinished(() => void server.kill('SIGKILL'))
  const exited = once(server, 'exit')
  const states = () => heard.slice(1).map((one) => one.replace(/MAINPID=\d+/, '').trim())
  await expect.poll(states, { timeout: 120_000 }).toContain('READY=1')
  expect(heard[1]).toContain(`MAINPID=${server.pid}`)
  await expect.poll(states, { timeout: 120_000 }).toContain('READY=1 WATCHDOG=1')
  server.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  await expect.poll(states, { timeout: 120_000 }).toContain('STOPPING=1')
})

test('the watchdog is fed four times in its time, and only where this process is watched', () => {
  expect(watchdogPauseMs({ WATCHDOG_USEC: '30000000' })).toBe(7_500)
  expect(watchdogPauseMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: String(process.pid) })).toBe(7_500)
  expect(watchdogPauseMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '1' })).toBeNull()
  expect(watchdogPauseMs({})).toBeNull()
  expect(watchdogPauseMs({ WATCHDOG_USEC: 'often' })).toBeNull()
})
