import { emptySiteUrl, expect, expectAccessible, screens, test, themes } from './browser.ts'
import { uuids } from './samples.ts'

const build = (uuid: string) => `/job/odd-builds/build/${uuid}`

/** Every page and state, and what shows that it is drawn. */
const pages = [
  { name: 'home', path: '/', shows: 'Jobs with a recent build' },
  { name: 'all jobs', path: '/all-builds', shows: 'All jobs' },
  { name: 'job', path: '/job/dns-primary', shows: 'dns-primary' },
  { name: 'failed builds of a job', path: '/job/odd-builds/failed', shows: 'odd-builds' },
  { name: 'build', path: build(uuids.colours), shows: 'odd-builds on debian-12' },
  { name: 'failed build', path: build(uuids.killed), shows: 'odd-builds on debian-12' },
  { name: 'build without output', path: build(uuids.silent), shows: 'odd-builds on debian-12' },
  {
    name: 'console on the whole height',
    path: `${build(uuids.colours)}?view=console#L3-L5`,
    shows: 'Console of odd-builds on debian-12',
  },
  { name: 'failed builds', path: '/failed-builds', shows: /Failed builds/ },
  { name: 'platform', path: '/platform/debian-12', shows: /debian-12/ },
  { name: 'search', path: '/search', shows: 'Search' },
  { name: 'found jobs', path: '/search?q=dns', shows: /Jobs with “dns”/ },
  { name: 'found nothing', path: '/search?q=nosuchjob', shows: /Jobs with “nosuchjob”/ },
  { name: 'unknown hash', path: `/search?q=${'0'.repeat(64)}`, shows: /Files with this SHA-256/ },
  { name: 'unknown page', path: '/nowhere', shows: 'Not found' },
  { name: 'unknown job', path: '/job/nosuchjob', shows: 'Not found' },
  { name: 'empty site', path: '', shows: 'No build has arrived yet' },
]

test.use({ allowedErrors: [/status of 404/] })

for (const { name: screen, ...viewport } of screens) {
  for (const theme of themes) {
    test.describe(`${screen}, ${theme}`, () => {
      test.use({ viewport, colorScheme: theme })
      for (const { name, path, shows } of pages) {
        test(`${name} is accessible`, async ({ page }) => {
          await page.goto(path || emptySiteUrl())
          await expect(page.getByRole('heading', { level: 1, name: shows })).toBeAttached()
          if (path.startsWith(build(''))) await expect(page.locator('[data-state=loading]')).toHaveCount(0)
          await expectAccessible(page)
        })
      }
    })
  }
}

test.describe('a dialog', () => {
  for (const theme of themes) {
    test(`the list of keys is accessible, ${theme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme })
      await page.goto('/')
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
      await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
      await expectAccessible(page)
    })
  }
})
