import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  copiedText,
  emptySiteUrl,
  expect,
  expectLoaded,
  expectNoSidewaysScroll,
  forgetCache,
  test,
} from './browser.ts'
import { uuids } from './samples.ts'

const odd = '/job/odd-builds'

test('the home page leads to a build, and its binary can be downloaded with its checksum', async ({
  page,
}) => {
  await page.goto('/')
  const row = page.getByRole('row').filter({ hasText: 'dns-primary' })
  await row.getByRole('link', { name: 'debian-12' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('dns-primary on')
  await expect(page.getByText(/^Succeeded: exited 0 after/)).toBeVisible()

  const button = page.getByRole('button', { name: 'Copy SHA-256 of the main binary' })
  const [sha256] = await Promise.all([
    copiedText(page, () => button.click()),
    // It says so for two seconds only.
    expect(page.getByText('Copied')).toBeAttached(),
  ])
  expect(sha256).toMatch(/^[0-9a-f]{64}$/)

  const downloads = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Download', exact: true }).click()
  const download = await downloads
  expect(
    createHash('sha256')
      .update(await readFile(await download.path()))
      .digest('hex'),
  ).toBe(sha256)
})

test('the packages are a click away, at every width', async ({ page }) => {
  for (const width of [360, 768, 1400]) {
    await page.setViewportSize({ width, height: 900 })
    await page.goto('/')
    await page.getByRole('navigation', { name: 'Site' }).getByRole('link', { name: 'Packages' }).click()
    await expect(page).toHaveURL('/packages')
    await expectLoaded(page)
    // The links stand beside each other, and so do the search and the buttons.
    const rows = await page
      .getByRole('banner')
      .evaluate(
        (banner) =>
          new Set([...banner.querySelectorAll('nav a')].map((link) => link.getBoundingClientRect().top)).size,
      )
    expect(rows, `${width} px`).toBe(1)
    await expectNoSidewaysScroll(page)
  }
})

test('the home page offers its list as files', async ({ page }) => {
  await page.goto('/')
  const answers = await Promise.all(
    ['CSV of jobs', 'JSON Lines of jobs'].map(async (name) => {
      const link = page.getByRole('main').getByRole('link', { name })
      return (await page.request.get((await link.getAttribute('href'))!)).text()
    }),
  )
  for (const answer of answers) expect(answer).toContain('dns-primary')
})

test('a checksum finds the builds that made it', async ({ page }) => {
  await page.goto('/')
  const row = page.getByRole('row').filter({ hasText: 'dns-primary' })
  const grade = row.getByRole('link', { name: /confirmed|repeated/ })
  const hash = (await grade.getAttribute('href'))?.replace('/sha256/', '')
  await expectLoaded(page)
  await page.keyboard.press('/')
  await expect(page.getByRole('combobox', { name: /Search jobs/ })).toBeFocused()
  await page.keyboard.type(`sha256:${hash}`)
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(`/sha256/${hash}`)
  await expect(page.getByRole('row').filter({ hasText: 'dns-primary' }).first()).toBeVisible()
})

test('a UUID leads to its build', async ({ page }) => {
  await page.goto(`/search?q=${uuids.timeout.toUpperCase()}`)
  await expect(page).toHaveURL(`${odd}/build/${uuids.timeout}`)
  await expect(page.getByText('Failed: aborted: timeout after 3m 00s')).toBeVisible()
})

test('the first digits of a hash that nobody has find nothing', async ({ page }) => {
  await page.goto('/search?q=a40c3f9d12e70000')
  await expect(page.getByText('Nothing has all of these words.')).toBeVisible()
})

test('results are told in words', async ({ page }) => {
  await page.goto(`${odd}/build/${uuids.killed}`)
  await expect(page.getByText('Failed: killed by SIGKILL (signal −7) after 1h 12m 30s')).toBeVisible()
  await page.goto(`${odd}/build/${uuids.backwards}`)
  await expect(page.getByText('Succeeded: exited 0 after −1m 00s')).toBeVisible()
  await expect(page.getByText('clock ran backwards')).toBeVisible()
})

test('filters live in the address, and back undoes them', async ({ page }) => {
  const all = `${odd}?view=builds`
  await page.goto(all)
  const table = page.getByRole('table', { name: 'Builds of odd-builds' })
  await expect(table.getByText('Succeeded')).not.toHaveCount(0)
  await page.getByLabel('Result', { exact: true }).selectOption('failed')
  await expect(page).toHaveURL(`${all}&status=failed`)
  await expect(table.getByText('Succeeded')).toHaveCount(0)
  await expect(table.getByText('Failed')).toHaveCount(3)
  await page.goBack()
  await expect(page).toHaveURL(all)
  await expect(table.getByText('Succeeded')).not.toHaveCount(0)
  await page.goto(`${all}&platform=freebsd-14`)
  await expect(page.getByText('No build fits.')).toBeVisible()
})

test('artifacts come in pages, each with an address', async ({ page }) => {
  await page.goto(`${odd}/build/${uuids.manyArtifacts}`)
  await expect(page.getByRole('heading', { name: 'Artifacts 130' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'share/doc/file-001.txt' })).toBeVisible()
  await page.getByRole('link', { name: 'Next' }).click()
  await expect(page.getByRole('link', { name: 'share/doc/file-130.txt' })).toBeVisible()
  await expect(page).toHaveURL(/\?after=/)
  await expect(page.getByText('Page 2 of 2: 101–130 of 130')).toBeVisible()
  await page.reload()
  await expect(page.getByRole('link', { name: 'share/doc/file-101.txt' })).toBeVisible()
  await page.getByRole('link', { name: 'Previous' }).click()
  await expect(page.getByRole('link', { name: 'share/doc/file-001.txt' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('link', { name: 'share/doc/file-130.txt' })).toBeVisible()
})

test('j and k go from row to row, Enter opens one', async ({ page }) => {
  await page.goto('/failed-builds')
  const links = page.getByRole('table').locator('[data-row-link]')
  await expect(links.first()).toBeVisible()
  await expectLoaded(page)
  await page.keyboard.press('j')
  await expect(links.nth(0)).toBeFocused()
  await page.keyboard.press('j')
  await expect(links.nth(1)).toBeFocused()
  await page.keyboard.press('k')
  await expect(links.nth(0)).toBeFocused()
  const target = await links.nth(0).getAttribute('href')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(target ?? '')
  await expect(page.getByRole('main')).toBeFocused()
})

test('the list of keys opens with ? and closes with Escape', async ({ page }) => {
  await page.goto('/')
  await expectLoaded(page)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
})

test('the first stop of Tab skips the header', async ({ page }) => {
  await page.goto('/')
  await expectLoaded(page)
  await page.keyboard.press('Tab')
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
})

test('a full load starts at the top, or at the section that the address names; a reload where it was left', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1000, height: 500 })
  const at = () => page.evaluate(() => Math.round(scrollY))
  const build = `${odd}/build/${uuids.manyArtifacts}`
  await page.goto(build)
  await expectLoaded(page)
  await page.mouse.wheel(0, 700)
  await expect.poll(at).toBe(700)
  await page.reload()
  await expectLoaded(page)
  await expect.poll(at).toBe(700)
  await page.goto(`${odd}/build/${uuids.colours}`)
  await expectLoaded(page)
  expect(await at()).toBe(0)
  await page.goto(`${build}#script`)
  await expectLoaded(page)
  await expect(page.getByRole('heading', { name: 'Script' })).toBeInViewport()
  expect(await at()).toBeGreaterThan(700)
})

test.describe('without a network', () => {
  test.use({ allowedErrors: /ERR_INTERNET_DISCONNECTED/ })
  test('a page that did not arrive says so, and comes back with the network', async ({ page, context }) => {
    // The browser has no part of the page of a job.
    await forgetCache(page)
    await page.goto('/')
    await expectLoaded(page)
    await context.setOffline(true)
    await page.getByRole('link', { name: 'dns-primary', exact: true }).first().click()
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('A part of this page did not arrive')
    await expect(page.getByText('loaded anew by itself as soon as the server answers')).toBeVisible()
    await context.setOffline(false)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('dns-primary')
  })
})

test('a chosen theme survives a reload', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.goto('/')
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.getByRole('button', { name: /^Theme: the system’s/ }).click()
  await page.getByRole('button', { name: /^Theme: light/ }).click()
  await expect(page.getByRole('button', { name: /^Theme: dark/ })).toBeVisible()
  const body = page.locator('body')
  await expect(body).not.toHaveCSS('background-color', light)
  const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  await page.reload()
  await expect(page.getByRole('button', { name: /^Theme: dark/ })).toBeVisible()
  await expect(body).toHaveCSS('background-color', dark)
})

test('the script for the theme comes before everything that is drawn, and is not inline', async ({
  page,
  request,
}) => {
  const html = await (await request.get('/')).text()
  expect(html.indexOf('/first-paint.js')).toBeGreaterThan(0)
  expect(html.indexOf('/first-paint.js')).toBeLessThan(html.indexOf('<body'))
  const forbidden = await page.evaluate((text) => {
    const { scripts, documentElement } = new DOMParser().parseFromString(text, 'text/html')
    const elements = [...documentElement.querySelectorAll('*')]
    return [
      ...[...scripts].filter(({ src, type }) => src === '' && type !== 'application/json'),
      ...elements.filter((element) => element.matches('style, [style]')),
      ...elements.filter((element) => element.getAttributeNames().some((name) => name.startsWith('on'))),
    ].map(({ outerHTML }) => outerHTML)
  }, html)
  expect(forbidden).toEqual([])
})

test.describe(() => {
  test.use({ allowedErrors: /status of 404/ })
  test('what does not exist says so, with status 404', async ({ page }) => {
    for (const path of [
      '/nowhere',
      '/job/nosuchjob',
      `${odd}/build/not-a-uuid`,
      `/job/dns-primary/build/${uuids.killed}`,
    ]) {
      const answer = await page.goto(path)
      expect(answer?.status()).toBe(404)
      await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible()
    }
  })
})

test.describe(() => {
  test.use({
    allowedErrors: /status of 503|Router caught|Response not successful|ServerError/,
  })
  test('a failing server is told with what to do and the request id', async ({ page }) => {
    await page.goto('/')
    await page.route('**/graphql', (route) =>
      route.fulfill({
        status: 503,
        headers: { 'X-Request-Id': 'e2e-request' },
        contentType: 'text/plain',
        body: 'no',
      }),
    )
    await page.getByRole('link', { name: 'Failed builds', exact: true }).click()
    await expect(page.getByRole('heading', { level: 1, name: 'The server could not answer' })).toBeVisible()
    await expect(page.getByText('e2e-request')).toBeVisible()
    await page.unroute('**/graphql')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('Failed builds')
  })
})

test('an empty site teaches the two commands, with its own address', async ({ page }) => {
  await page.goto(emptySiteUrl())
  await expect(page.getByText('hub -- user add alice --unrestricted')).toBeVisible()
  const host = new URL(emptySiteUrl()).host
  await expect(
    page.getByText(`curl --data-binary @full.der http://alice:PASSWORD@${host}/upload`),
  ).toBeVisible()
})
