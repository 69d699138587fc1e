import { mkdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { BlobId, BlobStore, SetAside } from '../blobs/blob-store.ts'
import { damageOf } from '../blobs/damage-of.ts'
import type { Database } from '../database/connections.ts'
import type { Integrity, Violation } from '../database/integrity.ts'
import type { JobId } from '../ids.ts'
import { rebuildJob } from '../facts/rebuild-facts.ts'
import { factRules } from '../facts/rules.ts'
import { enqueue } from '../runner/enqueue.ts'
import { endStates, priorities } from '../runner/task.ts'
import { columnsOfArtifacts, roleArtifacts, totalsOf } from './check-builds.ts'
import type { Finding, Repair } from './finding.ts'

/** What was done about a finding. `isMended`: nothing of it is left to do. */
export type Repaired = { acts: string[]; isMended: boolean }

export type RepairDeps = Pick<Database, 'db' | 'writer'> & {
  store: BlobStore
  integrity: Integrity
  quarantineDir: string
  /** Runs an action while no server uses the site. Returns whether it ran. */
  whenAlone: (action: () => Promise<void>) => Promise<boolean>
  /** Called before each act. Tests use it to stop the process there. */
  onAct?: (act: Repair['act']) => void
}

/**
 * Repairs what is found. Each act looks again, is one transaction or one renamed file, and can be done twice, so that a
 * command that was killed is run again. Content is never deleted.
 */
export function createRepairs(deps: RepairDeps): (finding: Finding) => Promise<Repaired> {
  const rebuilt = new Set<JobId | null>()
  let isCollecting = false

  async function act(repair: Repair): Promise<Repaired> {
    deps.onAct?.(repair.act)
    switch (repair.act) {
      case 'SET_ASIDE':
        return setAside(deps, repair.id)
      case 'SET_STRAY_ASIDE':
        return setStrayAside(deps, repair)
      case 'MAKE_RESULT_AGAIN':
        return makeResultAgain(deps, repair)
      case 'REBUILD_FACTS': {
        // All rows of a job are corrected at once, and each is reported.
        if (rebuilt.has(repair.jobId)) return { acts: [], isMended: true }
        rebuilt.add(repair.jobId)
        return rebuildFacts(deps, repair.jobId)
      }
      case 'DERIVE_COLUMNS':
        return deriveColumns(deps, repair)
      case 'REMOVE_REFERENCE':
        return removeReference(deps, repair.violation)
      case 'COLLECT': {
        if (isCollecting) return { acts: [], isMended: true }
        isCollecting = true
        return collect(deps)
      }
      case 'EMPTY_STAGING':
        return emptyStaging(deps, repair.file)
    }
  }

  return async ({ repairs }) => {
    const done: Repaired[] = []
    for (const repair of repairs) done.push(await act(repair))
    return {
      acts: done.flatMap(({ acts }) => acts),
      isMended: done.length > 0 && done.at(-1)?.isMended === true,
    }
  }
}

/** Looks at a blob that uploads replace meanwhile. */
const mostLooks = 5

async function setAside(deps: RepairDeps, id: BlobId): Promise<Repaired> {
  for (let looks = 0; looks < mostLooks; looks++) {
    const damage = await damageOf(deps.store, id)
    if (!damage) return { acts: ['it is whole by now'], isMended: true }
    // Nothing is left to move. That it is missing is another problem.
    if (damage.state === null) return { acts: [], isMended: false }
    const moved = await moveAside(deps, id, damage.state)
    if (moved.outcome === 'MOVED') return { acts: [`moved to ${moved.to}`], isMended: false }
  }
  return { acts: ['it changes again and again: left alone'], isMended: false }
}

async function setStrayAside(
  deps: RepairDeps,
  { name, state }: Extract<Repair, { act: 'SET_STRAY_ASIDE' }>,
): Promise<Repaired> {
  const moved = await moveAside(deps, name, state)
  switch (moved.outcome) {
    case 'MOVED':
      return { acts: [`moved to ${moved.to}`], isMended: true }
    case 'ABSENT':
      return { acts: ['it is gone by now'], isMended: true }
    case 'CHANGED':
      return { acts: ['it has changed meanwhile: left alone'], isMended: false }
  }
}

/**
 * Moves what was looked at, and nothing that has replaced it since. Under the lock for writing, as deletions are: an upload
 * looks in its own transaction whether its content is there.
 */
async function moveAside({ store, writer }: RepairDeps, name: string, state: string): Promise<SetAside> {
  return writer.transact([], () => {
    if (!store.setAside) throw new Error('this store cannot move files aside')
    return store.setAside(name, state)
  })
}

async function makeResultAgain(
  { writer }: RepairDeps,
  { taskId, sha256 }: Extract<Repair, { act: 'MAKE_RESULT_AGAIN' }>,
): Promise<Repaired> {
  const now = new Date()
  const { count } = await writer.transact(['analyses', 'tasks'], (tx) =>
    tx.queuedTask.updateMany({
      // All analyses with this result. Another result by now is left alone.
      where: {
        ...(sha256 === null ? { id: taskId } : {}),
        resultSha256: sha256,
        state: { in: [...endStates] },
      },
      data: {
        ...{ state: 'PENDING', attempts: 0, version: 0, error: null, dueAt: now },
        ...{ resultSha256: null, resultSizeBytes: null, summary: null },
      },
    }),
  )
  return {
    acts: [
      count > 0 ? 'the analysis runs again as soon as a server runs' : 'the analysis runs again already',
    ],
    isMended: true,
  }
}

async function rebuildFacts({ writer }: RepairDeps, jobId: JobId | null): Promise<Repaired> {
  let changed = 0
  if (jobId !== null) changed = await rebuildJob(writer, jobId)
  else
    for (const rule of factRules)
      changed += await writer.transact(['facts'], (tx) => rule.rebuild(tx, 'unowned'))
  return { acts: [`facts computed anew: ${changed} rows corrected`], isMended: true }
}

async function deriveColumns(
  { writer }: RepairDeps,
  { buildId }: Extract<Repair, { act: 'DERIVE_COLUMNS' }>,
): Promise<Repaired> {
  await writer.transact(['builds', 'facts'], async (tx) => {
    const columns = columnsOfArtifacts(await roleArtifacts(tx, [buildId]), await totalsOf(tx, buildId))
    await tx.build.updateMany({ where: { id: buildId }, data: columns })
  })
  return { acts: ['columns computed anew from the artifacts'], isMended: true }
}

async function removeReference({ integrity, writer }: RepairDeps, violation: Violation): Promise<Repaired> {
  const removed = await writer.transact(['builds', 'facts'], (tx) => integrity.removeViolation(tx, violation))
  const acts = { reference: 'reference removed', row: 'row deleted', none: 'it is right by now' }
  return { acts: [acts[removed ?? 'none']], isMended: true }
}

async function collect({ writer }: RepairDeps): Promise<Repaired> {
  await writer.transact(['tasks'], (tx) =>
    enqueue(
      tx,
      [{ kind: 'COLLECT_BLOBS', key: '', priority: priorities.later, ifKnown: 'runAgain' }],
      new Date(),
    ),
  )
  return { acts: ['the server deletes what has no reference as soon as it runs'], isMended: true }
}

async function emptyStaging({ quarantineDir, whenAlone }: RepairDeps, file: string): Promise<Repaired> {
  const to = join(quarantineDir, `${basename(file)}.${Date.now()}`)
  const isMoved = await whenAlone(async () => {
    await mkdir(quarantineDir, { recursive: true })
    await rename(file, to)
  })
  return {
    acts: [isMoved ? `moved to ${to}` : 'a server runs: its next start deletes it'],
    isMended: isMoved,
  }
}
