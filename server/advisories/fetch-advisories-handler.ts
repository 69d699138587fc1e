import { byServer } from '../audit/actor.ts'
import type { Deps } from '../deps.ts'
import type { TaskHandler } from '../runner/handler.ts'
import { fetchFeed } from './fetch-feed.ts'
import { importAdvisories, type FeedReport } from './import-advisories.ts'
import { FeedError, type FeedFile } from './read-feed.ts'

const dayMs = 24 * 3_600_000

/** Takes in the feed at `--advisories-url`, at each start and once a day. Nothing is marked as gone if what came is no feed. */
export function fetchAdvisoriesHandler({
  clock,
  config,
  log,
  writer,
}: Pick<Deps, 'clock' | 'config' | 'log' | 'writer'>): TaskHandler<FeedReport | null> {
  return {
    ...{ kind: 'FETCH_ADVISORIES', version: 1, slots: { max: 1 }, yieldsToUploads: true },
    ...{ maxAttempts: 5, retryPauseMs: 60_000, standing: { isAtStart: true, everyMs: dayMs } },

    async run() {
      const { advisoriesUrl: url, webhookAllow } = config
      if (url === '') return null
      // All of it before the import begins: half a feed would mark the rest as gone.
      const files: FeedFile[] = []
      for await (const file of fetchFeed(url, webhookAllow)) files.push(file)
      if (files.length === 0) throw new FeedError(`the archive at ${url} has no advisories`)
      const now = clock.now()
      const report = await importAdvisories({ writer }, byServer(now), url, fromList(files), now)
      const { added, changed, goneCount, faults } = report
      const counts = { added: added.length, changed: changed.length, gone: goneCount, faults: faults.length }
      log.info({ url, ...counts }, 'took in advisories')
      return report
    },
    record: (report) =>
      report === null
        ? {}
        : { summary: JSON.stringify({ added: report.added.length, changed: report.changed.length }) },
    changes: () => [],
  }
}

async function* fromList(files: readonly FeedFile[]): AsyncGenerator<FeedFile, void, void> {
  yield* files
}
