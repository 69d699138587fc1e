import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import type { Database } from '../database/connections.ts'
import {
  BuildPinnedError,
  BuildsLeftError,
  pinBuild,
  unpinBuild,
  UnknownBuildError,
} from '../retention/pins.ts'
import type { BuildId } from '../ids.ts'
import { buildsPerTransaction, removeBuilds, removedBuilds } from '../retention/remove-builds.ts'
import { slicesOf } from '../slices.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { addExamples } from './examples.ts'
import { progressOf } from './progress.ts'
import { restMs } from './rest.ts'
import { withDatabase } from './with-database.ts'

const example = '4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0'

/** `hub build …` */
export function addBuildCommands(hub: Command): void {
  const build = hub.command('build').description('keep or remove single builds')
  addExamples(
    build
      .command('pin')
      .argument('<uuid>', 'UUID of the build', parseUuid)
      .description('keep a build: neither vacuum nor the retention policy removes it until it is unpinned')
      .option('--reason <text>', 'why, for its page', '')
      .action(async (uuid: string, { reason }: { reason: string }, command: Command) => {
        await withDatabase(command, ({ writer }) => pinBuild(writer, actOfCommand(), uuid, reason))
        ioOf(command).stdout.write(`build ${uuid} is pinned\n`)
      }),
    [`hub build pin ${example} --reason "runs on the name server"`],
  )
  addExamples(
    build
      .command('unpin')
      .argument('<uuid>', 'UUID of the build', parseUuid)
      .description('no longer keep a pinned build')
      .action(async (uuid: string, _options: unknown, command: Command) => {
        await withDatabase(command, async ({ writer }) => {
          const isUnpinned = await unpinBuild(writer, actOfCommand(), uuid)
          ioOf(command).stdout.write(
            isUnpinned ? `build ${uuid} is no longer pinned\n` : `build ${uuid} was not pinned\n`,
          )
        })
      }),
    [`hub build unpin ${example}`],
  )
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
      .action(async (uuids: string[], options: RemoveOptions, command: Command) => {
        await withDatabase(command, (database) => remove(database, [...new Set(uuids)], options, command))
      }),
    [`hub build remove ${example} --reason "contains a password"`, `hub build remove ${example} --dry-run`],
  )
}

type RemoveOptions = { reason: string; dryRun: boolean; json: boolean; yes: boolean }

async function remove(
  { db, writer }: Database,
  uuids: readonly string[],
  { reason, dryRun, json, yes }: RemoveOptions,
  command: Command,
): Promise<void> {
  const io = ioOf(command)
  const found = await findBuilds(db, uuids)
  const count = `${found.length} ${found.length === 1 ? 'build' : 'builds'}`
  if (dryRun && json) {
    io.stdout.write(toJson(true, found, []))
    return
  }
  if (dryRun) {
    for (const { uuid, job, platform, startedAt } of found)
      io.stdout.write(`${uuid} ${job.name} on ${platform.name}, started ${startedAt.toISOString()}\n`)
    io.stdout.write(`${count} would be removed\n`)
    return
  }
  if (found.length > 0) await confirm(io, yes, `Remove ${count}?`)
  const progress = progressOf(io)
  const act = actOfCommand()
  const removal = { reason, removedAt: act.at }
  const removed = new Set<BuildId>()
  for (const slice of slicesOf(found, buildsPerTransaction)) {
    let waiting = slice.map(({ id }) => id)
    while (waiting.length > 0) {
      const startedAt = performance.now()
      const step = await removeBuilds(writer, waiting, removal, {
        leavesNewest: false,
        entriesOf: (builds) => removedBuilds(act, builds, reason),
      })
      for (const id of step.removed) removed.add(id)
      waiting = step.notReached
      progress.show(`${removed.size} of ${count}`)
      if (removed.size < found.length) await sleep(restMs(performance.now() - startedAt))
    }
  }
  progress.clear()
  const gone = found.filter(({ id }) => removed.has(id))
  const left = await findStored(
    db,
    found.filter(({ id }) => !removed.has(id)).map(({ uuid }) => uuid),
  )
  io.stdout.write(
    json
      ? toJson(false, gone, left)
      : `${gone.length} ${gone.length === 1 ? 'build is' : 'builds are'} removed\n`,
  )
  if (left.length > 0)
    throw new BuildsLeftError(
      `left, because they were pinned meanwhile: ${left.join(', ')}; "hub build unpin" takes a pin back`,
    )
}

type FoundBuild = Awaited<ReturnType<typeof findBuilds>>[number]

const toJson = (isDryRun: boolean, builds: readonly FoundBuild[], left: readonly string[]) =>
  `${JSON.stringify(
    {
      ...{ isDryRun, removedCount: builds.length },
      builds: builds.map(({ uuid, job, platform, startedAt }) => ({
        ...{ uuid, job: job.name, platform: platform.name, startedAt },
      })),
      left,
    },
    null,
    2,
  )}\n`

/** Those of these builds that are stored: others have been removed by somebody else. */
async function findStored(db: Database['db'], uuids: readonly string[]): Promise<string[]> {
  const stored: string[] = []
  for (const slice of slicesOf(uuids, 500)) {
    const found = await db.build.findMany({ where: { uuid: { in: slice } }, select: { uuid: true } })
    stored.push(...found.map(({ uuid }) => uuid))
  }
  return stored
}

/** The stored ones of these builds. Throws UnknownBuildError, BuildPinnedError: then nothing is removed. */
async function findBuilds(db: Database['db'], uuids: readonly string[]) {
  const builds = []
  for (const slice of slicesOf(uuids, 500)) {
    const found = await db.build.findMany({
      where: { uuid: { in: slice } },
      select: {
        ...{ id: true, uuid: true, startedAt: true, pin: true },
        job: { select: { name: true } },
        platform: { select: { name: true } },
      },
    })
    const removed = await db.tombstone.findMany({ where: { uuid: { in: slice } }, select: { uuid: true } })
    const known = new Set([...found, ...removed].map(({ uuid }) => uuid))
    const unknown = slice.filter((uuid) => !known.has(uuid))
    if (unknown.length > 0)
      throw new UnknownBuildError(`there is no build ${unknown.join(', ')}: nothing was removed`)
    const pinned = found.filter(({ pin }) => pin !== null).map(({ uuid }) => uuid)
    if (pinned.length > 0)
      throw new BuildPinnedError(
        `pinned: ${pinned.join(', ')}. Nothing was removed; "hub build unpin" takes a pin back`,
      )
    builds.push(...found)
  }
  return builds
}

function parseUuid(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a UUID`)
  return text.toLowerCase()
}

const parseUuids = (text: string, before: string[] | undefined = []) => [...before, parseUuid(text)]
