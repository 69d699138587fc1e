import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { counted } from '../counted.ts'
import type { Database } from '../database/connections.ts'
import type { BuildId } from '../ids.ts'
import { BuildPinnedError, BuildsLeftError, UnknownBuildError } from '../retention/pins.ts'
import { buildsPerTransaction, removeBuilds, removedBuilds } from '../retention/remove-builds.ts'
import { slicesOf } from '../slices.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { jsonText } from './json-text.ts'
import { parseUuid } from './parse-uuid.ts'
import { progressOf } from './progress.ts'
import { findBuildsAt, removeBuildAt, type RemovableBuild } from './remote/builds.ts'
import { onSite } from './remote/on-site.ts'
import type { RemoteSite } from './remote/remote-site.ts'
import { restMs } from './rest.ts'

const example = '4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0'

type Options = { reason: string; dryRun: boolean; json: boolean; yes: boolean }

/** `hub build remove`. */
export function addRemoveBuild(build: Command): void {
  addExamples(
    build
      .command('remove')
      .argument('<uuids...>', 'UUIDs of the builds', parseUuids)
      .description(
        'remove builds. Their addresses and hashes lead to a page that says so; their content is deleted by the server ' +
          'within two days. Builds that are removed already are passed over. Pinned builds are refused',
      )
      .option('--reason <text>', 'why, for the page of the removed build', 'removed by the operator')
      .option('--dry-run', 'only print what would be removed', false)
      .option('--json', 'print JSON', false)
      .option('--yes', 'do not ask on a terminal', false)
      .action(async (given: string[], options: Options, command: Command) => {
        const uuids = [...new Set(given)]
        await onSite(command, {
          remote: (site) => remove(uuids, options, command, removalAt(site)),
          local: (database) => remove(uuids, options, command, removalOf(database)),
        })
      }),
    [`hub build remove ${example} --reason "contains a password"`, `hub build remove ${example} --dry-run`],
  )
}

/** What became of the builds that were to be removed, by UUID. */
type Removed = { gone: ReadonlySet<string>; pinned: readonly string[] }

/** How builds are removed: of the data directory, or by the API. */
type BuildRemoval = {
  /** The stored ones of these builds. Throws UnknownBuildError: then nothing is removed. */
  find: (uuids: readonly string[]) => Promise<RemovableBuild[]>
  remove: (uuids: readonly string[], reason: string, onCount: (count: number) => void) => Promise<Removed>
}

async function remove(
  uuids: readonly string[],
  { reason, dryRun, json, yes }: Options,
  command: Command,
  removal: BuildRemoval,
): Promise<void> {
  const io = ioOf(command)
  const found = await removal.find(uuids)
  const pinned = found.filter(({ isPinned }) => isPinned)
  if (pinned.length > 0)
    throw new BuildPinnedError(
      `pinned: ${pinned.map(({ uuid }) => uuid).join(', ')}. Nothing was removed; "hub build unpin" takes a pin back`,
    )
  const count = counted(found.length, 'build')
  if (dryRun && json) {
    io.stdout.write(toJson(true, found, []))
    return
  }
  if (dryRun) {
    for (const { uuid, job, platform, startedAt } of found)
      io.stdout.write(`${uuid} ${job} on ${platform}, started ${startedAt.toISOString()}\n`)
    io.stdout.write(`${count} would be removed\n`)
    return
  }
  if (found.length > 0) await confirm(io, yes, `Remove ${count}?`)
  const progress = progressOf(io)
  const names = found.map(({ uuid }) => uuid)
  const removed = await removal.remove(names, reason, (done) => progress.show(`${done} of ${count}`))
  progress.clear()
  const gone = found.filter(({ uuid }) => removed.gone.has(uuid))
  io.stdout.write(
    json
      ? toJson(false, gone, removed.pinned)
      : `${gone.length} ${gone.length === 1 ? 'build is' : 'builds are'} removed\n`,
  )
  if (removed.pinned.length > 0)
    throw new BuildsLeftError(
      `left, because they were pinned meanwhile: ${removed.pinned.join(', ')}; "hub build unpin" takes a pin back`,
    )
}

const toJson = (isDryRun: boolean, builds: readonly RemovableBuild[], left: readonly string[]) =>
  jsonText({
    ...{ isDryRun, removedCount: builds.length },
    builds: builds.map(({ uuid, job, platform, startedAt }) => ({ uuid, job, platform, startedAt })),
    left,
  })

function removalAt(site: RemoteSite): BuildRemoval {
  return {
    find: (uuids) => findBuildsAt(site, uuids),
    async remove(uuids, reason, onCount) {
      const gone = new Set<string>()
      const pinned: string[] = []
      for (const uuid of uuids) {
        const outcome = await removeBuildAt(site, uuid, reason)
        if (outcome === 'REMOVED') gone.add(uuid)
        if (outcome === 'PINNED') pinned.push(uuid)
        onCount(gone.size)
      }
      return { gone, pinned }
    },
  }
}

function removalOf({ db, writer }: Database): BuildRemoval {
  const ids = new Map<BuildId, string>()
  return {
    async find(uuids) {
      const builds = new Map<string, RemovableBuild>()
      for (const slice of slicesOf(uuids, 500)) {
        const found = await findStored(db, slice)
        for (const { id, uuid, pin, job, platform, startedAt } of found) {
          ids.set(id, uuid)
          const names = { job: job.name, platform: platform.name }
          builds.set(uuid, { uuid, ...names, startedAt, isPinned: pin !== null })
        }
      }
      return uuids.flatMap((uuid) => builds.get(uuid) ?? [])
    },
    async remove(uuids, reason, onCount) {
      const act = actOfCommand()
      const removal = { reason, removedAt: act.at }
      const gone = new Set<string>()
      for (const slice of slicesOf([...ids.keys()], buildsPerTransaction)) {
        let waiting = [...slice]
        while (waiting.length > 0) {
          const startedAt = performance.now()
          const step = await removeBuilds(writer, waiting, removal, {
            leavesNewest: false,
            entriesOf: (builds) => removedBuilds(act, builds, reason),
          })
          for (const id of step.removed) gone.add(ids.get(id) ?? '')
          waiting = step.notReached
          onCount(gone.size)
          if (gone.size < uuids.length) await sleep(restMs(performance.now() - startedAt))
        }
      }
      const left = uuids.filter((uuid) => !gone.has(uuid))
      return { gone, pinned: await stillThere(db, left) }
    },
  }
}

/** Rows of the stored ones of these builds. Throws UnknownBuildError for those that were never here. */
async function findStored(db: Database['db'], uuids: string[]) {
  const found = await db.build.findMany({
    where: { uuid: { in: uuids } },
    select: {
      ...{ id: true, uuid: true, startedAt: true, pin: true },
      job: { select: { name: true } },
      platform: { select: { name: true } },
    },
  })
  const removed = await db.tombstone.findMany({ where: { uuid: { in: uuids } }, select: { uuid: true } })
  const known = new Set([...found, ...removed].map(({ uuid }) => uuid))
  const unknown = uuids.filter((uuid) => !known.has(uuid))
  if (unknown.length > 0)
    throw new UnknownBuildError(`there is no build ${unknown.join(', ')}: nothing was removed`)
  return found
}

/** Those of these builds that are stored: others have been removed by somebody else. */
async function stillThere(db: Database['db'], uuids: readonly string[]): Promise<string[]> {
  const stored: string[] = []
  for (const slice of slicesOf(uuids, 500)) {
    const found = await db.build.findMany({ where: { uuid: { in: slice } }, select: { uuid: true } })
    stored.push(...found.map(({ uuid }) => uuid))
  }
  return stored
}

const parseUuids = (text: string, before: string[] | undefined = []) => [...before, parseUuid(text)]
