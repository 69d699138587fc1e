import type { Page } from '@playwright/test'
import { copiedText, expect, expectLoaded, test } from './browser.ts'
import { longLines, uuids } from './samples.ts'

const long = `/job/odd-builds/build/${uuids.long}`
const colours = `/job/odd-builds/build/${uuids.colours}`

const output = (page: Page) => page.getByRole('region', { name: 'Console output' })
const table = (page: Page) => page.getByRole('table', { name: 'Console lines' })
const line = (page: Page, number: number) => table(page).locator(`[role=row][aria-rowindex="${number}"]`)
const numberLink = (page: Page, number: number) =>
  page.getByRole('link', { name: `Line ${number}`, exact: true })

async function isLoaded(page: Page, lines: number): Promise<void> {
  await expect(page.getByText(`${lines.toLocaleString('en-US')} lines`, { exact: true })).toBeVisible()
}

test('the console of a failed build opens at its end', async ({ page }) => {
  await page.goto(long)
  await isLoaded(page, longLines)
  // Above it nothing grows any more.
  await expectLoaded(page)
  await output(page).evaluate((box) => box.scrollIntoView({ block: 'end' }))
  await expect(line(page, longLines)).toBeInViewport()
})

test('the console of a build that succeeded opens at its beginning', async ({ page }) => {
  await page.goto(colours)
  await expectLoaded(page)
  await output(page).scrollIntoViewIfNeeded()
  await isLoaded(page, 13)
  await expect(line(page, 1)).toBeInViewport()
})

test('of a hundred thousand lines few are in the document, wherever one scrolls', async ({ page }) => {
  await page.goto(`${long}?view=console`)
  await isLoaded(page, longLines)
  await expect(table(page)).toHaveAttribute('aria-rowcount', String(longLines))
  for (const part of [0, 0.25, 0.5, 0.999, 0.1]) {
    await output(page).evaluate((box, part) => box.scrollTo({ top: box.scrollHeight * part }), part)
    const expected = Math.min(Math.floor(longLines * part) + 5, longLines)
    await expect(line(page, expected)).toBeInViewport()
    expect(await table(page).getByRole('row').count()).toBeLessThan(150)
  }
})

test('an address with a line shows and marks it', async ({ page }) => {
  await page.goto(`${long}#L54321`)
  await expect(line(page, 54_321)).toBeInViewport()
  await expect(line(page, 54_321)).toHaveAttribute('aria-current', 'true')
  await expect(line(page, 54_320)).not.toHaveAttribute('aria-current')
  await expect(page.getByText('Line 54321 is marked')).toBeVisible()
})

test('an address with a range marks all of it', async ({ page }) => {
  await page.goto(`${long}#L50003-L50001`)
  await expect(line(page, 50_001)).toBeInViewport()
  for (const number of [50_001, 50_002, 50_003]) {
    await expect(line(page, number)).toHaveAttribute('aria-current', 'true')
  }
  await expect(line(page, 50_004)).not.toHaveAttribute('aria-current')
})

test('a click on a number marks its line, one with Shift a range, Escape nothing', async ({ page }) => {
  await page.goto(`${colours}?view=console`)
  await numberLink(page, 2).click()
  await expect(page).toHaveURL(/#L2$/)
  await numberLink(page, 5).click({ modifiers: ['Shift'] })
  await expect(page).toHaveURL(/\?view=console#L2-L5$/)
  await expect(page.getByText('Lines 2 to 5 are marked')).toBeVisible()
  await output(page).press('Escape')
  await expect(page).toHaveURL(/\?view=console$/)
  await expect(page.getByText(/marked/)).toHaveCount(0)
})

test('j and k move the mark, with Shift its end', async ({ page }) => {
  await page.goto(`${colours}?view=console#L2`)
  await expect(line(page, 2)).toHaveAttribute('aria-current', 'true')
  await output(page).focus()
  await page.keyboard.press('j')
  await expect(page).toHaveURL(/#L3$/)
  // The address changes before the page is drawn anew, and a key counts from the line that is drawn as marked.
  await expect(line(page, 3)).toHaveAttribute('aria-current', 'true')
  await page.keyboard.press('Shift+J')
  await expect(page).toHaveURL(/#L3-L4$/)
  await page.keyboard.press('k')
  await expect(page).toHaveURL(/#L2$/)
})

test('marked lines are copied as text', async ({ page }) => {
  await page.goto(`${colours}?view=console#L3-L4`)
  const button = page.getByRole('button', { name: 'Copy the marked lines' })
  expect(await copiedText(page, () => button.click())).toBe('magenta goes on\ninto this line and ends')
})

test('a selection over lines that are no longer in the document is copied whole', async ({ page }) => {
  await page.goto(`${long}?view=console#L1`)
  await expect(line(page, 1)).toBeInViewport()
  await isLoaded(page, longLines)
  await output(page).focus()
  await page.evaluate(() => {
    const text = document.querySelector('[aria-rowindex="2"] .console-text')?.firstChild
    if (text) document.getSelection()?.setBaseAndExtent(text, 5, text, 6)
  })
  await output(page).evaluate((box) => box.scrollTo({ top: 500 * 20 }))
  await expect(line(page, 502)).toBeInViewport()
  await page.evaluate(() => {
    const text = document.querySelector('[aria-rowindex="502"] .console-text')?.firstChild
    if (text) document.getSelection()?.extend(text, 8)
  })
  const copied = (await copiedText(page, () => page.keyboard.press('Control+c'))).split('\n')
  expect(copied).toHaveLength(501)
  expect(copied[0]).toBe('2: compiling something')
  expect(copied[9]).toBe('step 11 of many')
  expect(copied[500]).toBe('line 502')
})

test('a search counts the lines, goes from match to match, and round', async ({ page }) => {
  await page.goto(`${long}?view=console`)
  await isLoaded(page, longLines)
  await output(page).focus()
  await page.keyboard.press('/')
  const box = page.getByRole('searchbox', { name: 'Search in the console' })
  await expect(box).toBeFocused()
  await box.fill('STEP 5000')
  // 50001 and, of six digits, none.
  await expect(page.getByText('1 line', { exact: true })).toBeVisible()
  await box.fill('step 123')
  await expect(page.getByText('11 lines', { exact: true })).toBeVisible()
  await box.press('Enter')
  await expect(page.getByText('1 of 11 lines')).toBeVisible()
  await expect(line(page, 1231)).toBeInViewport()
  await expect(line(page, 1231).locator('mark')).toHaveText('step 123')
  await box.press('Enter')
  await expect(line(page, 12_301)).toBeInViewport()
  await box.press('Shift+Enter')
  await box.press('Shift+Enter')
  await expect(page.getByText('11 of 11 lines')).toBeVisible()
  await expect(line(page, 12_391)).toBeInViewport()
  await box.fill('nowhere to be found')
  await expect(page.getByText('no match')).toBeVisible()
})

test('colours, links and progress bars are drawn as a terminal would', async ({ page }) => {
  await page.goto(`${colours}?view=console`)
  await expect(line(page, 1).locator('.ansi-red')).toHaveText('red')
  await expect(line(page, 3).locator('.ansi-magenta')).toHaveText('magenta goes on')
  await expect(line(page, 4).locator('.ansi-magenta')).toHaveText('into this line')
  await expect(line(page, 5).locator('.console-text a')).toHaveText([
    'https://example.org/a?b=c',
    'http://example.net/',
  ])
  await expect(line(page, 6).locator('.console-text')).toHaveText('loading 100%')
  await expect(line(page, 7).locator('.console-text')).toHaveText('after a title hidden link end')
  await expect(line(page, 11).locator('.console-text')).toHaveText('in one entry')
})

test('long lines can be wrapped', async ({ page }) => {
  await page.goto(`${colours}?view=console`)
  const before = await line(page, 13).boundingBox()
  await page.getByRole('button', { name: 'Wrap long lines' }).click()
  await expect(page.getByRole('button', { name: 'Wrap long lines' })).toHaveAttribute('aria-pressed', 'true')
  await expect
    .poll(async () => (await line(page, 13).boundingBox())?.height)
    .toBeGreaterThan(before?.height ?? 0)
  await expect
    .poll(() => output(page).evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))
    .toBe(0)
})

test('the buttons go to the top and to the end', async ({ page }) => {
  await page.goto(`${long}?view=console`)
  await isLoaded(page, longLines)
  await page.getByRole('button', { name: 'Go to the first line' }).click()
  await expect(line(page, 1)).toBeInViewport()
  await page.getByRole('button', { name: 'Go to the end' }).click()
  await expect(line(page, longLines)).toBeInViewport()
})

test('the whole height has an address of its own, and keeps what was found', async ({ page }) => {
  await page.goto(colours)
  await page.getByRole('searchbox', { name: 'Search in the console' }).fill('magenta')
  await page.getByRole('link', { name: 'Console on the whole height' }).click()
  await expect(page).toHaveURL(/view=console/)
  await expect(page.getByRole('searchbox', { name: 'Search in the console' })).toHaveValue('magenta')
  await expect(page.getByRole('heading', { name: 'Artifacts' })).toHaveCount(0)
  await page.goBack()
  await expect(page.getByRole('heading', { name: /Artifacts/ })).toBeVisible()
})

test.describe('a console that breaks off', () => {
  test.use({ allowedErrors: /ERR_FAILED/ })
  test('says so and can be read again', async ({ page }) => {
    await page.route('**/console', (route) => route.abort(), { times: 1 })
    await page.goto(`${colours}?view=console`)
    await expect(page.getByRole('alert')).toContainText('broke off after 0 lines')
    await page.getByRole('button', { name: 'Read it again' }).click()
    await isLoaded(page, 13)
    await expect(page.getByRole('alert')).toHaveCount(0)
  })
})
