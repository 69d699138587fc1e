import { seedBuilds } from '../../bench/seed.ts'
import { makeDataDir, startServerProcess, type ServerProcess } from '../../bench/server-process.ts'
import { expect, test } from './browser.ts'

/** More than are drawn at once. */
const jobCount = 500

const dataDir = makeDataDir()
let server: ServerProcess

test.beforeAll(async () => {
  seedBuilds(dataDir, jobCount, 2)
  server = await startServerProcess(dataDir)
})
test.afterAll(async () => {
  await server.stop()
  dataDir.remove()
})

// One test: each would have a server of its own.
test(`the home page and the page of all jobs list every job of a site with ${jobCount}`, async ({ page }) => {
  for (const path of ['/', '/all-builds']) {
    await page.goto(`${server.url}${path}`)
    // Of so many rows, roles take long to find out. The server has just begun to analyse a thousand builds.
    await expect(page.locator('tbody tr')).toHaveCount(jobCount, { timeout: 120_000 })
  }
})
