import { expect, test } from './browser.ts'
import { hostileJob, hostilePlatform, hostileText, uuids } from './samples.ts'

const job = `/job/${encodeURIComponent(hostileJob)}`

// The fixture fails each of these tests when the content security policy reports anything.

test('a readme runs nothing, styles nothing and covers nothing', async ({ page }) => {
  await page.goto(job)
  await expect(page.getByRole('heading', { name: 'Hostile readme' })).toBeVisible()
  await expect(page).toHaveTitle(`${hostileJob} · Builder Hub`)
  const prose = page.locator('.prose')
  await expect(prose.locator('script, style, iframe, [onerror], [onclick], [style]')).toHaveCount(0)
  await expect(prose.locator('a[href^="javascript:"]')).toHaveCount(0)
  await prose.getByText('a link').click({ trial: false })
  await expect(page).toHaveTitle(`${hostileJob} · Builder Hub`)
  await expect(prose.getByRole('table')).toContainText('code')
})

test('names, paths, messages and scripts are text', async ({ page }) => {
  await page.goto(`${job}/build/${uuids.hostile}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(hostileJob)
  await expect(page.getByText(`Failed: aborted: ${hostileText}`)).toBeVisible()
  await expect(page.getByRole('link', { name: `odd/${hostileText.replaceAll('/', '∕')}` })).toBeVisible()
  await page.getByText(/lines? that the worker ran/).click()
  await expect(page.getByRole('region', { name: 'Build script' })).toContainText(hostileText)
  await expect(page.locator('main img[src="x"], main script')).toHaveCount(0)
  await expect(page).not.toHaveTitle('owned')
})

test('the console is text', async ({ page }) => {
  await page.goto(`${job}/build/${uuids.hostile}?view=console`)
  await expect(page.getByRole('table', { name: 'Console lines' })).toContainText(hostileText)
  await expect(page).not.toHaveTitle('owned')
})

test('lists show hostile names as text, and lead to their builds', async ({ page }) => {
  await page.goto('/failed-builds')
  const row = page.getByRole('row').filter({ hasText: hostileJob })
  // What cannot be seen is named.
  await expect(row).toContainText(hostilePlatform.replaceAll('\u202e', '‹U+202E›'))
  await row.getByRole('link').first().click()
  await expect(page).toHaveURL(new RegExp(uuids.hostile))
  await expect(page.getByRole('heading', { level: 1 })).toContainText(hostileJob)
})

test('a hostile search is text', async ({ page }) => {
  await page.goto(`/search?q=${encodeURIComponent(hostileText)}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(hostileText)
  await expect(page).toHaveTitle('Search · Builder Hub')
})
