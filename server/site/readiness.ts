import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Deps } from '../deps.ts'

/** `problem` says what is wrong when `check` rejects. */
export type ReadinessCheck = { name: string; problem: string; check: () => Promise<unknown> }

/** What has to be so that requests are served and uploads are stored. */
export function readinessChecks({ config, db }: Pick<Deps, 'config' | 'db'>): ReadinessCheck[] {
  return [
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
  ]
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
