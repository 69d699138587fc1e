import { createHash } from 'node:crypto'
import { join } from 'node:path'
import fc from 'fast-check'
import { onTestFinished } from 'vitest'
import type { Actor } from '../../../server/audit/actor.ts'
import { toBlobId, type Staged } from '../../../server/blobs/blob-store.ts'
import type { Database } from '../../../server/database/connections.ts'
import type { BuildId } from '../../../server/ids.ts'
import { checkFacts } from '../../../server/facts/check-facts.ts'
import { markForRebuild, rebuildNext } from '../../../server/facts/rebuild-facts.ts'
import type { Difference } from '../../../server/facts/fact-rule.ts'
import { ruleNames } from '../../../server/facts/rules.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { noHooks } from '../../../server/hooks/installed-hooks.ts'
import { storeBuild } from '../../../server/uploads/store-build.ts'
import { temporaryDir } from '../../app.ts'
import { freshDatabase } from '../../database.ts'
import { uuidOf } from '../graphql-site.ts'

/** A database of the newest schema without builds, and the statements that ran on it. */
export async function factSite() {
  const dir = temporaryDir()
  let statements: string[] = []
  const database = await freshDatabase(dir, (sql) => statements.push(sql))
  onTestFinished(() => database.closeDatabase())
  const { id } = await database.db.user.findFirstOrThrow()
  return {
    ...database,
    file: join(dir, 'test.sqlite3'),
    user: { id, name: 'alice', unrestricted: true },
    takeStatements() {
      const taken = statements
      statements = []
      return taken
    },
  }
}

export type FactSite = Awaited<ReturnType<typeof factSite>>

const instants = [
  ...['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00Z', '2026-01-04T23:00:00Z', '2026-01-05T00:00:00Z'],
  ...['2026-01-20T12:00:00Z', '1969-12-31T23:59:59.999Z', '1970-01-01T00:00:00Z', '0026-02-03T04:05:06Z'],
].map((text) => new Date(text))

/** A build of few possible inputs, outputs and starts, so that builds share them. */
export const told = fc.record({
  job: fc.constantFrom<string[]>('one', 'two'),
  platform: fc.constantFrom('debian-12', 'freebsd-14'),
  failed: fc.boolean(),
  startedAt: fc.constantFrom(...instants),
  durationMs: fc.constantFrom(-1_000, 0, 5_000, 60_000),
  /** null: a file of the input is missing. */
  input: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 5 }),
  /** null: no main binary. */
  output: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 5 }),
  readme: fc.option(fc.integer({ min: 1, max: 3 }), { freq: 1 }),
  opamSwitch: fc.option(fc.integer({ min: 1, max: 2 }), { freq: 3 }),
})

export type Told = typeof told extends fc.Arbitrary<infer Value> ? Value : never

export function content(text: string, sizeBytes = text.length): Staged {
  return { id: toBlobId(createHash('sha256').update(text).digest('hex')), sizeBytes }
}

/** Stores a build as an upload does after its content is durable. `number` gives its UUID. Uploads have an actor. */
export async function store(
  { writer, user }: FactSite,
  one: Told,
  number: number,
  actor: Actor | null = null,
): Promise<BuildId> {
  const { job, platform, failed, startedAt, durationMs, input, output, readme, opamSwitch } = one
  const artifacts = [
    ...(output === null
      ? []
      : [{ path: 'bin/hello', content: content(`output ${output}`, 10 * (output % 3)) }]),
    ...(opamSwitch === null ? [] : [{ path: 'opam-switch', content: content(`switch ${opamSwitch}`) }]),
    ...(input === null ? [] : [{ path: 'build-environment', content: content(`input ${input}`) }]),
    { path: 'system-packages', content: content('packages') },
  ]
  return storeBuild(
    {
      writer,
      analyses: { kinds: {} },
      hooks: noHooks,
      config: { configDir: '', repositoriesFile: '', signing: 'off' },
    },
    {
      facts: {
        job,
        platform,
        uuid: uuidOf(number),
        startedAt,
        finishedAt: new Date(startedAt.getTime() + durationMs),
        result: { kind: 'exited', code: failed ? 1n : 0n },
      },
      user,
      importedFrom: null,
      artifacts,
      script: content('script'),
      consoleText: content(`console ${number}`),
      consoleIndex: content('index'),
      consoleLineCount: 1,
      consoleDerBytes: 1,
      readme: readme === null ? null : { path: 'README.md', content: content(`readme ${readme}`) },
      receivedAt: new Date(Date.UTC(2026, 1, 1) + number),
    },
    async () => {},
    { actor },
  )
}

export const testRemoval = { reason: 'a test', removedAt: new Date('2026-03-01T00:00:00Z') }

export async function removeAll({ writer }: Database, ids: readonly BuildId[]): Promise<void> {
  for (const id of ids) await writer.transact([], (tx) => removeBuild(tx, id, testRemoval))
}

/** Rebuilds all facts. Returns how many rows were wrong. */
export async function rebuildAll(site: FactSite): Promise<number> {
  let changed = 0
  await site.writer.transact([], (tx) => markForRebuild(tx, ruleNames))
  for (let step = await rebuildNext(site); step; step = await rebuildNext(site)) changed += step.changedCount
  return changed
}

export async function differences({ db }: Pick<FactSite, 'db'>): Promise<Difference[]> {
  const found = []
  for await (const one of checkFacts(db)) found.push(one)
  return found
}
