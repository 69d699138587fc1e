import type { Clock } from '../clock.ts'
import type { Transaction } from '../database/writer.ts'
import type { Deps } from '../deps.ts'
import { groupBy } from '../group-by.ts'
import { wakeableLoop } from '../runner/wakeable-loop.ts'
import { claimRuns, type Claimant, type Claimed } from './claim-runs.ts'
import { openQueue, fitsPlatform } from './queue-schedules.ts'
import { knownTemplates } from './known-templates.ts'
import type { PlatformTemplates } from './script-of.ts'
import type { WorkerRegistry } from './worker-registry.ts'

/** What a worker waits for. */
export type RunRequest = Claimant & {
  platform: string
  signal: AbortSignal
  /** Takes what was given to it. Does not throw. */
  give: (claimed: Claimed) => void
  reject: (error: unknown) => void
}

type Given = { request: RunRequest; claimed: Claimed }
type OfPlatform = { platform: string; requests: readonly RunRequest[]; templates: PlatformTemplates }

export type Dispatcher = {
  add(request: RunRequest): void
  wake(): void
  /** Templates in the database may be others now. */
  templatesChanged(): void
  /** Rejects all requests. */
  close(): Promise<void>
}

type DispatcherDeps = Pick<Deps, 'config' | 'db' | 'log' | 'writer'> & { clock: Clock }

/** While workers wait, so often it is looked for what no change tells: files of templates, and clocks. */
const pollMs = 5_000
const afterErrorMs = 1_000

/**
 * Gives runs to the workers that wait for one. All that wait at a moment get theirs in one transaction, the first of them first.
 */
export function createDispatcher(
  deps: DispatcherDeps,
  { siteUrl, workers }: { siteUrl: () => string; workers: Pick<WorkerRegistry, 'countOf' | 'restore'> },
): Dispatcher {
  const { clock, db, log, writer } = deps
  /** With what listens to their signals. */
  const waiting = new Map<RunRequest, () => void>()
  const templates = knownTemplates(deps, siteUrl)
  /** Platforms whose last claim found enough. */
  const probable = new Set<string>()
  let isClosed = false

  const isOpen = ({ isPaused, droppedAt }: { isPaused: boolean; droppedAt: Date | null }) =>
    !isPaused && droppedAt === null

  const loop = wakeableLoop(clock, async () => {
    try {
      while (await giveSome());
      if (waiting.size > 0) loop.wakeIn(pollMs)
    } catch (error) {
      log.warn({ err: error }, 'runs not given to workers')
      await workers.restore().catch((cause: unknown) => log.warn({ err: cause }, 'workers not restored'))
      loop.wakeIn(afterErrorMs)
    }
  })

  function remove(request: RunRequest): void {
    const onAbort = waiting.get(request)
    if (onAbort) request.signal.removeEventListener('abort', onAbort)
    waiting.delete(request)
  }

  /** False: nothing that waits can be given to a worker that waits. */
  async function giveSome(): Promise<boolean> {
    const byPlatform = groupBy(waiting.keys(), ({ platform }) => platform)
    if (byPlatform.size === 0 || isClosed) return false
    const platforms = await claimablePlatforms([...byPlatform.keys()])
    if (platforms.length === 0) return false
    const ofPlatforms: OfPlatform[] = []
    for (const platform of platforms)
      ofPlatforms.push({
        ...{ platform, requests: byPlatform.get(platform) ?? [] },
        templates: await templates.of(platform),
      })
    return claimFor(ofPlatforms)
  }

  /** Those of which a claim may find something. Most of the time nothing is there: readers find that out without the writer. */
  async function claimablePlatforms(platforms: readonly string[]): Promise<string[]> {
    const unsure = platforms.filter((platform) => !probable.has(platform))
    if (unsure.length === 0) return [...platforms]
    const [queues, queued] = await Promise.all([
      db.platformQueue.findMany({ where: { platform: { in: unsure } } }),
      db.run.groupBy({
        by: ['platform'],
        where: { state: 'QUEUED', platform: { in: unsure } },
        orderBy: { platform: 'asc' },
      }),
    ])
    const found: string[] = platforms.filter((platform) => probable.has(platform))
    for (const platform of unsure) {
      const queue = queues.find((one) => one.platform === platform)
      const isClaimable = queue
        ? isOpen(queue) && queued.some((one) => one.platform === platform)
        : await fitsPlatform(db, platform, (await templates.of(platform)).build !== null)
      if (isClaimable) found.push(platform)
    }
    return found
  }

  async function claimFor(ofPlatforms: readonly OfPlatform[]): Promise<boolean> {
    const now = clock.now()
    const given = await writer.transact<Given[]>(
      (found) => (found.length > 0 ? ['runs'] : []),
      async (tx) => {
        const all: Given[] = []
        for (const one of ofPlatforms) all.push(...(await claimOf(tx, one, now)))
        return all
      },
      undefined,
      // After a failure of power its worker asks to resume a run that waits again, and drops it.
      { isUrgent: true, durability: 'LATER' },
    )
    for (const { platform, requests } of ofPlatforms) {
      const count = given.filter(({ request }) => request.platform === platform).length
      if (count > 0 && count === requests.length) probable.add(platform)
      else probable.delete(platform)
    }
    for (const { request, claimed } of given) {
      remove(request)
      request.give(claimed)
    }
    return given.length > 0
  }

  async function claimOf(tx: Transaction, { platform, requests, templates }: OfPlatform, now: Date) {
    const queue = await tx.platformQueue.findUnique({ where: { platform } })
    if (!queue) await openQueue(tx, platform, { hasTemplate: templates.build !== null }, now)
    else if (!isOpen(queue)) return []
    const left = requests.filter((request) => waiting.has(request))
    const workerCount = workers.countOf(platform)
    const claimed = await claimRuns(tx, platform, left, { templates, workerCount, now })
    return claimed.flatMap((one): Given[] => {
      const request = left[one.claimant]
      return request ? [{ request, claimed: one }] : []
    })
  }

  return {
    add(request) {
      if (isClosed) return request.reject(new Error('the server stops'))
      const onAbort = () => {
        remove(request)
        request.reject(request.signal.reason)
      }
      waiting.set(request, onAbort)
      request.signal.addEventListener('abort', onAbort, { once: true })
      loop.wake()
    },

    wake: () => loop.wake(),

    templatesChanged() {
      templates.forget()
      loop.wake()
    },

    async close() {
      isClosed = true
      await loop.stop()
      for (const request of [...waiting.keys()]) {
        remove(request)
        request.reject(new Error('the server stops'))
      }
    },
  }
}
