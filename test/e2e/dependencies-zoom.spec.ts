import type { Locator } from '@playwright/test'
import { expect, test } from './browser.ts'
import { about, direct, drawing, names, viz, zoomButton, zoomed } from './dependencies-page.ts'

async function middleOf(node: Locator): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await node.boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN }
  return { x: x + width / 2, y: y + height / 2 }
}

test('buttons and keys zoom within limits, and packages get names where there is room', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(viz('large'))
  await expect(drawing(page)).toBeVisible()
  await expect(zoomed(page)).toHaveText('')
  await expect(names(page)).toHaveCount(0)
  await zoomButton(page, 'Zoom in').click()
  await zoomButton(page, 'Zoom in').click()
  await expect(zoomed(page)).toHaveText('zoomed 2.6 times')
  await expect(names(page).filter({ hasText: 'package-299' })).not.toHaveCount(0)
  await zoomButton(page, 'Zoom out').click()
  await expect(zoomed(page)).toHaveText('zoomed 1.6 times')
  await zoomButton(page, 'Whole graph').click()
  await expect(zoomed(page)).toHaveText('')
  await expect(names(page)).toHaveCount(0)
  await zoomButton(page, 'Zoom out').click()
  await expect(zoomed(page)).toHaveText('')

  const root = drawing(page).getByRole('button', { name: 'everything 1.0, the root' })
  await root.focus()
  const before = await middleOf(root)
  for (let press = 0; press < 12; press += 1) await page.keyboard.press('+')
  const most = Number(/[\d.]+/.exec(await zoomed(page).innerText())?.[0])
  expect(most).toBeGreaterThan(4)
  expect(most).toBeLessThan(10)
  const after = await middleOf(root)
  expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(2)
  await page.keyboard.press('-')
  await expect(zoomed(page)).not.toContainText(String(most))
  await page.keyboard.press('0')
  await expect(zoomed(page)).toHaveText('')
  await expect(root).toBeFocused()
})

test('the wheel scrolls the page, and with Ctrl zooms about the pointer', async ({ page }) => {
  await page.goto(viz('large'))
  const node = direct(page, 'package-000')
  await node.hover()
  await page.mouse.wheel(0, 100)
  await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(0)
  await expect(zoomed(page)).toHaveText('')
  await page.evaluate(() => scrollTo(0, 0))

  await node.hover()
  const before = await middleOf(node)
  await page.keyboard.down('Control')
  await page.mouse.wheel(0, -100)
  await page.mouse.wheel(0, -100)
  await expect(zoomed(page)).toHaveText('zoomed 2.0 times')
  const after = await middleOf(node)
  expect(Math.hypot(after.x - before.x, after.y - before.y)).toBeLessThan(2)
  for (let turn = 0; turn < 6; turn += 1) await page.mouse.wheel(0, 100)
  await page.keyboard.up('Control')
  await expect(zoomed(page)).toHaveText('')
  expect(await page.evaluate(() => [scrollY, visualViewport?.scale])).toEqual([0, 1])
})

test('dragging moves what is zoomed and chooses nothing; a click still does', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(`${viz('large')}?package=package-000`)
  await expect(about(page, 'package-000')).toBeVisible()
  await zoomButton(page, 'Zoom in').click()
  await zoomButton(page, 'Zoom in').click()
  const node = direct(page, 'package-000')
  const before = await middleOf(node)
  await page.mouse.move(before.x, before.y)
  await page.mouse.down()
  await page.mouse.move(before.x + 30, before.y + 20, { steps: 4 })
  await page.mouse.up()
  const after = await middleOf(node)
  expect([after.x - before.x, after.y - before.y].map(Math.round)).toEqual([30, 20])
  await expect(about(page, 'package-000')).toBeVisible()
  await direct(page, 'package-001').click()
  await expect(about(page, 'package-001')).toBeVisible()
})

test('who walks by keys, or finds a package, sees it in the zoomed picture', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(viz('large'))
  await drawing(page).getByRole('button', { name: 'everything 1.0, the root' }).focus()
  for (const key of ['+', '+', '+', 'ArrowDown', 'ArrowLeft']) await page.keyboard.press(key)
  const focused = page.locator('circle:focus')
  await expect(focused).toHaveAccessibleName(/^package-059 1\.0, direct/)
  await expect(focused).toBeInViewport()
  const isWithin = async (node: Locator) => {
    const frame = (await drawing(page).boundingBox()) ?? { x: NaN, y: NaN, width: NaN, height: NaN }
    const { x, y } = await middleOf(node)
    return x > frame.x && x < frame.x + frame.width && y > frame.y && y < frame.y + frame.height
  }
  expect(await isWithin(focused)).toBe(true)
  await page.getByRole('searchbox', { name: 'Find a package' }).fill('package-030')
  await page.keyboard.press('Enter')
  await expect(about(page, 'package-030')).toBeVisible()
  await expect.poll(() => isWithin(direct(page, 'package-030'))).toBe(true)
})
