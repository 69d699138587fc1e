import { seedBuilds } from '../../bench/seed.ts'
import { makeDataDir, startServerProcess, type ServerProcess } from '../../bench/server-process.ts'
import { expect, test } from './browser.ts'

/** More than a page of the list has. */
const jobCount = 125

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

for (const path of ['/', '/all-builds']) {
  test(`${path} lists every job of a site with ${jobCount}`, async ({ page }) => {
    await page.goto(`${server.url}${path}`)
    await expect(page.getByRole('link', { name: /^job-\d+$/ })).toHaveCount(jobCount)
  })
}
