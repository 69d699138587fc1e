import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { publishHandler } from '../../../server/repositories/publish-handler.ts'
import { findPublished } from '../../../server/repositories/publication.ts'
import { requestPublishing } from '../../../server/repositories/request-publishing.ts'
import { taskHandlers } from '../../../server/task-handlers.ts'
import { temporaryDir, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import type { ExecRecord } from '../../../server/formats/exec-record-encoder.ts'

export type RepositorySite = {
  app: TestApp
  configFile: string
  /** Uploads a build whose main binary is this package. Returns its record. */
  uploadPackage: (
    content: Uint8Array,
    parts?: Partial<ExecRecord> & { fileName?: string },
  ) => Promise<ExecRecord>
  /** Resolves when everything that was uploaded is published. */
  published: (name?: string, packageCount?: number) => Promise<void>
}

/** A site with these repositories, whose tasks run. */
export async function repositorySite(
  toml: string,
  { env = {}, ...overrides }: NonNullable<Parameters<typeof testApp>[0]> = {},
): Promise<RepositorySite> {
  const configFile = join(temporaryDir(), 'repositories.toml')
  writeFileSync(configFile, toml)
  const app = await testApp({
    ...overrides,
    env: { BUILDER_HUB_REPOSITORIES_FILE: configFile, ...env },
    handlersOf: (deps, analyses) => [
      ...taskHandlers(deps, analyses).filter(({ kind }) => kind !== 'PUBLISH_REPOSITORIES'),
      publishHandler(deps, { pauseMs: 0 }),
    ],
  })
  await app.deps.runner.start()
  let startedAt = Date.parse('2026-11-01T10:00:00Z')
  return {
    app,
    configFile,
    async uploadPackage(content, { fileName = 'package.deb', ...parts } = {}) {
      startedAt += 60_000
      const record = sampleRecord({
        startedAt: new Date(startedAt),
        artifacts: [file(`bin/${fileName}`, content)],
        ...parts,
      })
      expect((await app.upload(record)).status).toBe(201)
      return record
    },
    async published(name = 'apt/debian-12', packageCount) {
      // Nothing else is uploaded: there is nothing to wait for.
      await app.deps.writer.transact(['tasks'], (tx) => requestPublishing(tx, app.deps.clock.now()))
      await vi.waitFor(
        async () => {
          const task = await app.deps.db.queuedTask.findUnique({
            where: { kind_key: { kind: 'PUBLISH_REPOSITORIES', key: '' } },
          })
          const now = app.deps.clock.now()
          const rests = task?.state === 'PENDING' && task.dueAt.getTime() - now.getTime() > 1_800_000
          expect(rests, JSON.stringify(task)).toBe(true)
          const repository = await findPublished(app.deps.db, name)
          expect(repository).not.toBeNull()
          if (packageCount !== undefined) expect(repository?.packageCount).toBe(packageCount)
        },
        { timeout: 60_000, interval: 50 },
      )
    },
  }
}

/** The lines that add a repository, in the form of deb822. */
export const sourcesOf = (url: string, keyFile: string, suite = 'debian-12'): string =>
  [
    'Types: deb',
    `URIs: ${url}/apt/${suite}`,
    `Suites: ${suite}`,
    'Components: main',
    `Signed-By: ${keyFile}`,
    '',
  ].join('\n')
