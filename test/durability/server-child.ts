import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import { projectDir } from '../app.ts'
import { testProgram } from '../programs.ts'
import type { FromChild, Moment, ToChild } from './messages.ts'

export type ServerChild = {
  url: string
  /** Let it kill itself with SIGKILL at a moment from now on; null: at none, but count them. */
  arm: (moment: Moment | null) => Promise<void>
  /** How many moments came since `arm`. */
  countMoments: () => Promise<number>
  collectGarbage: () => Promise<void>
  /** Resident memory, in bytes: now, and the highest since the last `resetPeak`. Source: proc_pid_status(5). */
  memory: () => { now: number; peak: number }
  resetPeak: () => void
  kill: () => void
  /** Resolves once the process has ended. */
  ended: Promise<void>
}

/**
 * Start a server on `dataDir`; killed when the test ends. `watched`: it counts moments, and its calls
 * to the disk go through a watcher; `busy`: it does, and runs tasks beside uploads; `plain`: it is the server as it is.
 */
export async function startChild(
  dataDir: string,
  mode: 'watched' | 'busy' | 'plain' = 'watched',
  env: Record<string, string> = {},
): Promise<ServerChild> {
  const child = fork(testProgram('child'), [projectDir, mode], {
    execArgv: mode === 'plain' ? ['--expose-gc'] : [],
    env: {
      ...process.env,
      BUILDER_HUB_DATA_DIR: dataDir,
      BUILDER_HUB_PORT: '0',
      BUILDER_HUB_LOG_LEVEL: 'error',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const ready = await answerOf(child)
  if (ready.kind !== 'ready') throw new Error('the child said something before it was ready')
  const ask = async (message: ToChild) => {
    child.send(message)
    const answer = await answerOf(child)
    if (answer.kind !== 'done') throw new Error('the child is not done')
    return answer
  }
  const proc = `/proc/${child.pid}`
  return {
    url: ready.url,
    async arm(moment) {
      await ask({ kind: 'arm', moment })
    },
    async countMoments() {
      return (await ask({ kind: 'count' })).seen
    },
    async collectGarbage() {
      await ask({ kind: 'collect-garbage' })
    },
    memory() {
      const status = readFileSync(`${proc}/status`, 'utf8')
      const bytes = (field: string) =>
        Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? NaN) * 1024
      return { now: bytes('VmRSS'), peak: bytes('VmHWM') }
    },
    resetPeak() {
      writeFileSync(`${proc}/clear_refs`, '5')
    },
    kill() {
      child.kill('SIGKILL')
    },
    ended,
  }
}

/** The next message of the child. Throws when it ends instead. */
async function answerOf(child: ChildProcess): Promise<FromChild> {
  const giveUp = new AbortController()
  const { signal } = giveUp
  try {
    const [message] = (await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code, killedBy]) => {
        throw new Error(`the child ended with ${String(killedBy ?? code)}`)
      }),
    ])) as [FromChild]
    return message
  } finally {
    giveUp.abort()
  }
}
