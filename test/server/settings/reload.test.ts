import { expect, test } from 'vitest'
import { testApp } from '../../app.ts'
import { readConfig } from '../../../server/config.ts'
import { sampleRecord } from '../../record.ts'
import { reloadConfig } from '../../../server/settings/reload.ts'

test('a running server takes the settings that it can, in its next answer', async () => {
  const app = await testApp()
  const { config } = app.deps
  const days = async () =>
    (await app.graphql('{ site { expiredJobsDays } }')).data.site.expiredJobsDays as number
  expect(await days()).toBe(30)
  const recentJobs = async () =>
    (
      (await (await fetch(app.url, { headers: { Accept: 'application/json' } })).json()) as {
        jobs: unknown[]
      }
    ).jobs
  const startedAt = new Date(Date.now() - 20 * 86_400_000)
  expect((await app.upload(sampleRecord({ startedAt }))).status).toBe(201)
  expect(await recentJobs()).toHaveLength(1)
  const next = readConfig({
    BUILDER_HUB_DATA_DIR: config.dataDir,
    BUILDER_HUB_CONFIG_DIR: config.configDir,
    BUILDER_HUB_LOG_LEVEL: 'fatal',
    BUILDER_HUB_SIGNING: 'off',
    BUILDER_HUB_PORT: '81',
    BUILDER_HUB_HOST: config.host,
    BUILDER_HUB_EXPIRED_JOBS: '7',
    BUILDER_HUB_DRAWN_PAGES: 'off',
    BUILDER_HUB_PUBLIC_URL: 'https://builds.example.org',
  })
  expect(await reloadConfig(app.deps, next)).toEqual({
    taken: ['expiredJobsDays', 'publicUrl', 'logLevel'],
    needsRestart: ['port'],
  })
  expect(await days()).toBe(7)
  expect(await recentJobs()).toEqual([])
  expect(await (await fetch(`${app.url}/feed.atom`)).text()).toContain('https://builds.example.org/')
  expect(app.deps.log.level).toBe('fatal')
  expect(config.port).not.toBe(81)
  expect(await reloadConfig(app.deps, next)).toEqual({ taken: [], needsRestart: ['port'] })
})
