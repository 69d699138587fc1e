import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import flags from '../../scripts/server-flags.json' with { type: 'json' }
import { builtProgram } from '../programs.ts'

/** One of the servers of a site: a process that is killed, stopped and started again. Its address stays. */
export type ServerProcess = {
  url: string
  port: number
  /** Resolves when it is ready. Throws if it ends before. */
  start: () => Promise<void>
  send: (signal: NodeJS.Signals) => void
  /** How the process has ended, or ends: its status, or the signal. */
  ended: () => Promise<number | NodeJS.Signals | null>
  isRunning: () => boolean
  /** The newest lines of its log. */
  log: string[]
}

/** So many lines of a log are kept. */
const keptLines = 200

/** `command`: what the program is started by, such as `ip netns exec NAME`. */
export function serverProcess(
  { url, port, command = [] }: { url: string; port: number; command?: string[] },
  settings: Record<string, string>,
): ServerProcess {
  let child: ChildProcess | null = null
  let ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null)
  const log: string[] = []
  const isRunning = () => child !== null && child.exitCode === null && child.signalCode === null
  const kill = () => void child?.kill('SIGKILL')
  return {
    ...{ url, port, log, isRunning },
    async start() {
      const [program = '', ...args] = [...command, process.execPath, ...flags, builtProgram('server')]
      const started = spawn(program, args, {
        env: { ...process.env, ...settings, BUILDER_HUB_PORT: String(port) },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      child = started
      ended = new Promise((resolve) => started.once('exit', (code, signal) => resolve(signal ?? code)))
      process.once('exit', kill)
      void ended.then(() => process.off('exit', kill))
      createInterface({ input: started.stderr }).on('line', (line) => {
        log.push(line)
        log.splice(0, log.length - keptLines)
      })
      const isReady = new Promise<boolean>((resolve) => {
        createInterface({ input: started.stdout }).on('line', (line) => {
          if (line.includes(' is ready at ')) resolve(true)
          else log.push(line)
          log.splice(0, log.length - keptLines)
        })
        void ended.then(() => resolve(false))
      })
      if (!(await isReady))
        throw new Error(`a server ended before it was ready: ${String(await ended)}\n${log.join('\n')}`)
    },
    send: (signal) => void child?.kill(signal),
    ended: () => ended,
  }
}
