import { expect, test } from 'vitest'
import { eventsOfRoom, findSilentJobs } from '../../../server/event-log/watch-site-handler.ts'
import { factSite, store, type Told } from '../facts/fact-site.ts'

const now = new Date('2026-02-01T12:00:00Z')
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
const build = (job: string, days: number, platform: Told['platform'] = 'debian-12'): Told => ({
  ...{ job, platform, failed: false, startedAt: daysAgo(days), durationMs: 0 },
  ...{ input: null, output: null, readme: null, opamSwitch: null },
})

test('a job is silent when its newest build on all platforms is old, and was not for long', async () => {
  const site = await factSite()
  const builds = [
    ...[build('fresh', 1), build('silent', 20), build('silent', 8), build('silent', 7.5, 'freebsd-14')],
    ...[build('long ago', 30), build('elsewhere', 8), build('elsewhere', 2, 'freebsd-14')],
  ]
  for (const [number, one] of builds.entries()) await store(site, one, number)
  const found = await findSilentJobs(site.db, { silentDays: 7 }, now)
  expect(found).toMatchObject([
    {
      ...{ type: 'job.silent', job: 'silent' },
      data: {
        job: { name: 'silent', path: '/job/silent' },
        platform: 'freebsd-14',
        days: 7,
        newestBuildAt: daysAgo(7.5),
      },
    },
  ])
  expect(await findSilentJobs(site.db, { silentDays: 0 }, now)).toEqual([])
})

test('a disk with less than 5 % of room is an event once a day', () => {
  expect(eventsOfRoom({ free: 5, size: 100 }, now)).toEqual([])
  expect(eventsOfRoom({ free: 4, size: 100 }, now)).toMatchObject([
    { type: 'storage.low', dedupeKey: 'storage.low 2026-02-01', data: { freeBytes: 4, sizeBytes: 100 } },
  ])
})
