import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { uploadRecord } from '../../demo/upload-record.ts'
import { sampleBuilds } from '../../demo/sample-builds.ts'
import { expect, expectAccessible, expectFit, test } from './browser.ts'

const user = { name: 'alice', password: 'secret' }

/** A process has to start, on a machine that runs tests. */
const startsLate = 180_000

test.setTimeout(360_000)

/** A site of its own without builds, whose analyses begin when it is told to. */
async function pausedSite(): Promise<{ url: string; child: ChildProcess }> {
  const child = spawn(process.execPath, ['scripts/e2e-site.mjs', '0', '--empty', '--paused'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the site ended')))
    createInterface({ input: child.stdout }).on('line', (line) => {
      const found = /ready at (http:\S+)/.exec(line)
      if (found?.[1]) resolve(found[1])
    })
  })
  return { url, child }
}

let site: Awaited<ReturnType<typeof pausedSite>>
test.beforeEach(async () => {
  site = await pausedSite()
})
test.afterEach(async () => {
  const ended = new Promise((resolve) => site.child.once('exit', resolve))
  if (site.child.kill('SIGTERM')) await ended
})

/** A successful build of the demo that has a switch. */
function someBuild() {
  const found = [...sampleBuilds(new Date())].findLast(
    ({ record }) =>
      record.result.kind === 'exited' &&
      record.result.code === 0n &&
      record.artifacts.some(({ path }) => path === 'opam-switch'),
  )
  if (!found) throw new Error('no such build')
  return found.record
}

test('a section waits for its analysis, and shows it when it is ready, without a reload', async ({
  page,
}) => {
  const record = someBuild()
  await uploadRecord(site.url, user, record)
  await page.goto(`${site.url}/job/${encodeURIComponent(record.job)}/build/${record.uuid}`)
  const section = page.getByRole('region', { name: 'Dependencies' })
  await expect(section.getByText('Waits to be analysed.')).toBeVisible()
  await expectFit(page)
  await page.evaluate(() => {
    Object.assign(window, { isSamePage: true })
  })
  site.child.kill('SIGUSR2')
  await expect(section.getByRole('figure')).toBeVisible({ timeout: startsLate })
  await expect(section.getByText('Waits to be analysed.')).toBeHidden()
  await expect(section.getByRole('button', { name: /^ocaml / }).first()).toBeVisible()
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
})

test('an analysis that fails says why, and what to do', async ({ page }) => {
  const record = someBuild()
  const broken = Buffer.from('opam-version: "2.0"\nroots: [ "a.1"')
  const artifacts = record.artifacts.map((file) =>
    file.path === 'opam-switch' ? { ...file, sizeBytes: broken.length, data: () => [broken] } : file,
  )
  await uploadRecord(site.url, user, { ...record, artifacts })
  await page.goto(`${site.url}/job/${encodeURIComponent(record.job)}/build/${record.uuid}`)
  const section = page.getByRole('region', { name: 'Dependencies' })
  await expect(section.getByText('Waits to be analysed.')).toBeVisible()
  site.child.kill('SIGUSR2')
  await expect(section.getByText(/This could not be analysed/)).toBeVisible({ timeout: startsLate })
  await expect(section.getByText('hub analyse')).toBeVisible()
  await expectAccessible(page)
})

test('a comparison tells sizes as soon as both binaries are analysed, without a reload', async ({ page }) => {
  const builds = [...sampleBuilds(new Date())].filter(
    ({ record }) =>
      record.job === 'dns-primary' &&
      record.platform === 'debian-12' &&
      record.artifacts.some(({ path }) => path.endsWith('.debug')),
  )
  const [first, last] = [builds[0]?.record, builds.at(-1)?.record]
  if (!first || !last) throw new Error('no such builds')
  for (const record of [first, last]) await uploadRecord(site.url, user, record)
  await page.goto(`${site.url}/compare/${first.uuid}/${last.uuid}`)
  await expect(page.getByText(/Size by module/).first()).toBeVisible()
  const summary = page.getByText(/KiB in /)
  await expect(summary).toHaveCount(0)
  await page.evaluate(() => {
    Object.assign(window, { isSamePage: true })
  })
  site.child.kill('SIGUSR2')
  await expect(summary.first()).toBeVisible({ timeout: startsLate })
  expect(await page.evaluate(() => 'isSamePage' in window)).toBe(true)
})
