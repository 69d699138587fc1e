import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deps } from '../deps.ts'

/** `problem` says what is wrong when `check` rejects. */
export type ReadinessCheck = { name: string; problem: string; check: () => Promise<unknown> }

/** What has to be so that requests are served and uploads are stored. */
export function readinessChecks({
  config,
  db,
  drain,
  storedBlobs,
}: Pick<Deps, 'config' | 'db' | 'drain' | 'storedBlobs'>): ReadinessCheck[] {
  return [
    ...(drain.hasBegun() ? [{ name: 'drain', problem: 'the server is about to stop', check: notReady }] : []),
    {
      name: 'database',
      problem: 'the database does not answer',
      check: () => db.platform.findFirst({ select: { id: true } }),
    },
    {
      name: 'staging',
      problem: 'the staging folder cannot be written',
      check: () => writeProbe(config.stagingDir),
    },
    ...(storedBlobs.ping
      ? [
          {
            name: 'content',
            problem: 'the object store cannot be used',
            check: () => storedBlobs.ping?.() ?? Promise.resolve(),
          },
        ]
      : []),
  ]
}

const notReady = () => Promise.reject(new Error('a signal told the server to stop'))

/** After so long a check has failed: a disk or a network that is gone does not answer at all. */
const patienceMs = 4_000

/** Rejects if the check takes too long, or fails. */
export async function checkInTime<Value>(check: () => Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs / 1_000} s`)), patienceMs)
  })
  try {
    return await Promise.race([check(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** A byte reaches the disk, so that a full one is noticed. */
async function writeProbe(dir: string): Promise<void> {
  const path = join(dir, `ready-${randomUUID()}`)
  const file = await open(path, 'wx')
  try {
    await file.write('x')
  } finally {
    await file.close()
    await rm(path, { force: true })
  }
}
