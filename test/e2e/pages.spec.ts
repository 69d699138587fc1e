import { gzipSync } from 'node:zlib'
import {
  askGraphQL,
  emptySiteUrl,
  expect,
  expectAccessible,
  expectAccessibleInBothThemes,
  expectFit,
  expectLoaded,
  forgetCache,
  test,
} from './browser.ts'
import { hostileJob, uuids } from './samples.ts'

const build = (uuid: string) => `/job/odd-builds/build/${uuid}`

/** Every page and state, and what shows that it is drawn. */
const pages = [
  { name: 'home', path: '/', shows: 'Jobs with a recent build' },
  { name: 'all jobs', path: '/all-builds', shows: 'All jobs' },
  { name: 'job', path: '/job/dns-primary', shows: 'dns-primary' },
  { name: 'all builds of a job', path: '/job/dns-primary?view=builds', shows: 'dns-primary' },
  { name: 'failed builds of a job', path: '/job/odd-builds/failed', shows: 'odd-builds' },
  { name: 'build', path: build(uuids.colours), shows: 'odd-builds on debian-12' },
  { name: 'failed build', path: build(uuids.killed), shows: 'odd-builds on debian-12' },
  { name: 'build without output', path: build(uuids.silent), shows: 'odd-builds on debian-12' },
  {
    name: 'console on the whole height',
    path: `${build(uuids.colours)}?view=console#L3-L5`,
    shows: 'odd-builds on debian-12',
  },
  { name: 'job with hostile names', path: `/job/${encodeURIComponent(hostileJob)}`, shows: hostileJob },
  {
    name: 'build with hostile names',
    path: `/job/${encodeURIComponent(hostileJob)}/build/${uuids.hostile}`,
    shows: /owned/,
  },
  { name: 'removed build', path: build(uuids.removed), shows: 'This build was removed' },
  { name: 'failed builds', path: '/failed-builds', shows: /Failed builds/ },
  { name: 'platforms', path: '/platforms', shows: /Platforms/ },
  { name: 'platform', path: '/platform/debian-12', shows: /debian-12/ },
  { name: 'search', path: '/search', shows: 'Search' },
  { name: 'found jobs', path: '/search?q=dns', shows: /Found for “dns”/ },
  { name: 'found nothing', path: '/search?q=nosuchjob', shows: /Found for “nosuchjob”/ },
  {
    name: 'unknown hash',
    path: `/search?q=${'0'.repeat(64)}`,
    shows: 'No build of this site has made this file',
  },
  { name: 'packages', path: '/packages', shows: /Packages/ },
  { name: 'package', path: '/package/opam/lwt', shows: /lwt/ },
  { name: 'known issues', path: '/advisories', shows: 'Known issues' },
  { name: 'known issue', path: '/advisories/DEMO-2026-03', shows: /DEMO-2026-03/ },
  { name: 'unknown page', path: '/nowhere', shows: 'Not found' },
  { name: 'unknown job', path: '/job/nosuchjob', shows: 'Not found' },
  { name: 'empty site', path: '', shows: 'No build has arrived yet' },
]

test.use({ allowedErrors: /status of 4(04|10)/ })

for (const { name, path, shows } of pages) {
  test(`${name}: nothing bars access, wide and narrow, light and dark`, async ({ page }) => {
    await page.goto(path || emptySiteUrl())
    await expect(page.getByRole('heading', { level: 1, name: shows })).toBeAttached()
    await expectFit(page)
  })
}

test('a job whose builds make packages says how to install them', async ({ page, request }) => {
  const published = '{ job(name: "fleetd") { repositories { name } } }'
  const names = async () => JSON.stringify(await askGraphQL(request, published))
  await expect.poll(names).toContain('apt/debian-12')
  await page.goto('/job/fleetd')
  await page.getByText('from the package repository apt/debian-12').click()
  const install = page.getByRole('region', { name: 'Install', exact: true })
  await expect(install).toContainText('Signed-By: /etc/apt/keyrings/')
  await expect(install).toContainText('sudo apt-get install fleetd')
  await expectFit(page)
})

test('what nothing else would find: one cell that is hard to read among those that are easily read', async ({
  page,
}) => {
  await page.goto('/failed-builds')
  await expectLoaded(page)
  await expectAccessible(page)
  await page
    .getByRole('cell')
    .last()
    .evaluate((cell: HTMLElement) => {
      cell.textContent = 'pale'
      cell.style.color = '#bbb'
    })
  await expect(expectAccessible(page)).rejects.toThrow('color-contrast')
})

test('the first load is at most 170 kB of JavaScript, compressed', async ({ page }) => {
  await forgetCache(page)
  const scripts: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (/javascript/.test(response.headers()['content-type'] ?? '')) scripts.push(response.body())
  })
  await page.goto('/')
  await expect(page.getByRole('table').first()).toBeVisible()
  await expectLoaded(page)
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script).length)
  expect(sizes.length).toBeGreaterThan(0)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(170_000)
})

test('the list of keys: nothing bars access, light and dark', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await expectAccessibleInBothThemes(page)
})
