import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'
import autocannon from 'autocannon'
import type { Measurement } from './report.ts'
import { seedAnalyses, seedBuilds } from './seed.ts'
import { makeDataDir, prepareDatabase, startServerProcess } from './server-process.ts'

const browserPath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** The home page in a browser that has nothing of it: ms until its list of jobs is painted; the median of five. */
async function firstPageMs(url: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: browserPath, args: ['--no-sandbox'] })
  try {
    const times: number[] = []
    for (let run = 0; run < 5; run++) {
      // A context of its own has an empty cache.
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(url, { waitUntil: 'commit' })
      await page.getByRole('link', { name: 'job-000', exact: true }).waitFor()
      times.push(
        await page.evaluate(
          () => new Promise<number>((resolve) => requestAnimationFrame(() => resolve(performance.now()))),
        ),
      )
      await context.close()
    }
    return times.toSorted((a, b) => a - b)[2] ?? NaN
  } finally {
    await browser.close()
  }
}

async function pagesPerSecond(url: string): Promise<number> {
  const result = await autocannon({ url, connections: 8, duration: 4 })
  if (result.non2xx > 0) throw new Error(`${result.non2xx} answers of ${url} were not 2xx`)
  return result.requests.average
}

export async function measurePages(): Promise<Measurement[]> {
  const dataDir = makeDataDir()
  const { job, uuid } = seedBuilds(dataDir, 50, 200)
  await prepareDatabase(dataDir)
  seedAnalyses(dataDir)
  const server = await startServerProcess(dataDir)
  try {
    const found: Measurement[] = []
    for (const path of [`/job/${job}`, `/job/${job}/build/${uuid}`]) {
      found.push({
        what: `HTML of ${path.includes('/build/') ? '/job/:job/build/:uuid' : '/job/:job'}`,
        value: await pagesPerSecond(server.url + path),
        unit: '/s',
        // There is no budget for them: they should not be slower than answers from the cache.
        against: { what: 'as answers from cache', value: 1_000, wanted: 'at least' },
      })
    }
    if (!existsSync(browserPath)) {
      process.stdout.write(`skipped: first page in Chromium, which is not at ${browserPath} (set CHROMIUM)\n`)
      return found
    }
    found.push({
      what: 'first page in Chromium, cold cache, content painted',
      value: await firstPageMs(server.url),
      unit: 'ms',
      against: { what: 'budget', value: 1_000, wanted: 'at most' },
    })
    return found
  } finally {
    await server.stop()
    dataDir.remove()
  }
}
