import type { Page } from '@playwright/test'
import { expect, expectAccessible, expectFit, expectLoaded, takeFile, test } from './browser.ts'
import { hostileModule, sized, sizeJob } from './size-samples.ts'

const build = (name: keyof typeof sized) => `/job/${sizeJob}/build/${sized[name]}`
const viz = (name: keyof typeof sized) => `${build(name)}/viztreemap`
const compare = `/compare/${sized.before}/${sized.after}`

const section = (page: Page) => page.getByRole('region', { name: 'Size', exact: true })
const tree = (page: Page, of: string) => page.getByRole('tree', { name: `Parts of ${of}` })
const part = (page: Page, name: string) =>
  page.getByRole('treeitem', { name: new RegExp(`^${name}, `) }).first()
const trail = (page: Page) => page.getByRole('navigation', { name: 'Place in the file' })

/** The canvas has several colours, not only that of the page. */
async function expectDrawn(page: Page): Promise<void> {
  const countColours = () =>
    page.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
      // Of a copy, which is there to be read: the canvas itself would complain.
      const copy = new OffscreenCanvas(Math.max(1, canvas.width), Math.max(1, canvas.height))
      const context = copy.getContext('2d', { willReadFrequently: true })
      context?.drawImage(canvas, 0, 0)
      const pixels = context?.getImageData(0, 0, copy.width, copy.height).data ?? []
      const colours = new Set<number>()
      for (let at = 0; at < pixels.length; at += 4 * 97)
        colours.add(((pixels[at] ?? 0) << 16) | ((pixels[at + 1] ?? 0) << 8) | (pixels[at + 2] ?? 0))
      return colours.size
    })
  await expect.poll(countColours).toBeGreaterThan(3)
}

for (const name of ['before', 'stripped', 'hostile'] as const)
  test(`${name}: nothing bars access to picture and table, wide and narrow, light and dark`, async ({
    page,
  }) => {
    await page.goto(viz(name))
    await expect(page.getByRole('treeitem').first()).toBeAttached()
    await expectDrawn(page)
    await expectFit(page)
    await page.getByRole('button', { name: 'Table' }).click()
    await expect(page.getByRole('treegrid')).toBeVisible()
    await expectFit(page)
  })

test('the build page shows it, with words first', async ({ page }) => {
  await page.goto(build('before'))
  await expect(page.getByRole('navigation', { name: 'Sections of this build' })).toContainText('size')
  await section(page).scrollIntoViewIfNeeded()
  await expect(section(page)).toContainText(/KiB: .* KiB explained, .* for debuggers/)
  await expect(section(page)).toContainText(/Largest: .*dns/)
  await expect(part(page, 'dns')).toBeAttached()
  await section(page).getByRole('link', { name: 'on a page of its own' }).click()
  await expect(page).toHaveURL(new RegExp(`${viz('before')}$`))
  await expect(page.getByRole('heading', { level: 1 })).toContainText(sizeJob)
})

test('keys walk the rectangles, open and leave them, and the address follows', async ({ page }) => {
  await page.goto(viz('before'))
  await part(page, 'dns').focus()
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('treeitem', { name: /^Packet, module/ })).toBeFocused()
  await expect(part(page, 'dns')).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('ArrowDown')
  await expect(page.getByRole('treeitem', { name: /^Resolver, module/ })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(tree(page, 'Resolver')).toBeAttached()
  await expect(page.getByRole('treeitem', { name: /^code, / })).toBeFocused()
  await expect(page).toHaveURL(/\?at=dns%2FResolver$/)
  await expect(trail(page)).toContainText(/dns.*Resolver/)

  await page.keyboard.press('Escape')
  await expect(tree(page, 'dns')).toBeAttached()
  await expect(page.getByRole('treeitem', { name: /^Resolver, module/ })).toBeFocused()
  await page.goBack()
  await expect(tree(page, 'Resolver')).toBeAttached()
  await page.reload()
  await expect(tree(page, 'Resolver')).toBeAttached()
  await trail(page).getByRole('link').first().click()
  await expect(part(page, 'dns')).toBeAttached()
  await expect(page).not.toHaveURL(/at=/)
})

test('a click opens a part, and pointing tells what is there', async ({ page }) => {
  await page.goto(viz('before'))
  await expectLoaded(page)
  const box = await part(page, 'dns').boundingBox()
  if (!box) throw new Error('dns has no place')
  const middle = [box.x + box.width / 2, box.y + box.height / 2] as const
  await page.mouse.move(...middle)
  await expect(page.getByText(/^dns › /)).toBeVisible()
  await expect(page.getByText(/% of the file · [\d,]+ bytes/)).toBeVisible()
  // The strip with its name: elsewhere something else may be in front.
  await page.mouse.click(box.x + 30, box.y + 9)
  await expect(tree(page, 'dns')).toBeAttached()
})

test('who wants no motion gets the next view at once', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await page.goto(`${viz('before')}?at=dns`)
  await expect(tree(page, 'dns')).toBeAttached()
  await expectDrawn(page)
})

test('a search sums what it finds, in the picture and as a list', async ({ page }) => {
  await page.goto(viz('before'))
  await page.getByRole('searchbox', { name: 'Search in this picture' }).fill('resolver')
  await expect(page.getByText(/^1 part matches: .* % of the file$/)).toBeVisible()
  await expect(page).toHaveURL(/q=resolver/)
  await page.getByRole('button', { name: 'Table' }).click()
  await expect(page.getByRole('row')).toHaveCount(2)
  await expect(page.getByRole('row', { name: /dns › Resolver/ })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('row', { name: /dns › Resolver/ })).toBeVisible()
})

test('packages and modules, the explained and the whole file are a button apart', async ({ page }) => {
  await page.goto(viz('before'))
  await expect(part(page, 'dns')).toBeAttached()
  await page.getByRole('button', { name: 'By module' }).click()
  await expect(part(page, 'Resolver')).toHaveAttribute('aria-level', '1')
  await expect(part(page, 'dns')).toHaveCount(0)
  await expect(part(page, 'debug information and symbols')).toHaveCount(0)
  await page.getByRole('button', { name: 'Whole file' }).click()
  await expect(part(page, 'debug information and symbols')).toBeAttached()
  await expect(page).toHaveURL(/\?group=module&parts=all$/)
})

test('the table unfolds by keyboard, and sorts', async ({ page }) => {
  await page.goto(`${viz('before')}?treemap=table`)
  const row = (name: RegExp) => page.getByRole('row', { name })
  await row(/^dns\s*package/).focus()
  await page.keyboard.press('ArrowRight')
  await expect(row(/^Packet\s*module/)).toHaveAttribute('aria-level', '2')
  await page.keyboard.press('ArrowRight')
  await expect(row(/^Packet\s*module/)).toBeFocused()
  await page.keyboard.press('ArrowLeft')
  await expect(row(/^dns\s*package/)).toBeFocused()
  await page.getByRole('button', { name: 'Part' }).click()
  await expect(page.getByRole('columnheader', { name: 'Part' })).toHaveAttribute('aria-sort', 'ascending')
})

test('picture and data are saved', async ({ page }) => {
  await page.goto(viz('before'))
  await expect(part(page, 'dns')).toBeAttached()
  const save = (label: string) => takeFile(page.getByRole('main'), label)
  const png = await save('PNG')
  expect(png.name).toBe('sized_size_debian-12.png')
  expect(png.content.readUInt32BE(0)).toBe(0x89504e47)
  expect(png.content.length).toBeGreaterThan(20_000)
  const json = JSON.parse((await save('JSON')).content.toString()) as { name: string; ownBytes: number }[]
  expect(json.some(({ name }) => name === 'Resolver')).toBe(true)
  expect((await save('CSV')).content.toString()).toMatch(/^path,name,kind,sizeBytes,ownBytes\r\n/)
})

test('names from a binary are text', async ({ page }) => {
  await page.goto(viz('hostile'))
  await page.getByRole('searchbox', { name: 'Search in this picture' }).fill('evil')
  await expect(page.getByText(/parts? match/)).toBeVisible()
  await page.getByRole('button', { name: 'Table' }).click()
  await expect(page.getByRole('treegrid')).toContainText(hostileModule.slice(0, 12))
  await expect(page).toHaveTitle(/^Binary size of sized/)
})

test('a binary without symbols shows its sections', async ({ page }) => {
  await page.goto(viz('stripped'))
  await expect(part(page, 'loaded without a symbol')).toBeAttached()
  await expect(page.getByRole('button', { name: 'Whole file' })).toHaveCount(0)
  await expect(section(page)).toContainText('Less is known than could be')
})

for (const [name, words] of [
  ['script', /Nothing to draw in \d+ B/],
  ['broken', /could not be analysed|Nothing to draw/],
] as const)
  test(`${name}: where nothing can be drawn, words tell why`, async ({ page }) => {
    for (const path of [viz(name), build(name)]) {
      await page.goto(path)
      await section(page).scrollIntoViewIfNeeded()
      await expect(section(page)).toContainText(words)
      await expectAccessible(page)
    }
  })

test('a build without a binary has no such section, and its page says so', async ({ page }) => {
  await page.goto(build('failed'))
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expect(section(page)).toHaveCount(0)
  await page.goto(viz('failed'))
  await expect(page.getByRole('heading', { name: 'There is no binary to look into' })).toBeVisible()
})

test('a comparison tells what grew and shrank, in words and as a picture', async ({ page }) => {
  await page.goto(`${compare}#size`)
  const size = page.getByRole('region', { name: /^Size by module/ })
  const changes = size.getByRole('list', { name: 'Largest changes of size' })
  await expect(changes.getByRole('listitem').filter({ hasText: 'Resolver' })).toContainText(/→.*\+/)
  await expect(changes.getByRole('listitem').filter({ hasText: 'Cache' })).toContainText(/→ ∅.*−/)
  await expect(changes.getByRole('listitem').filter({ hasText: 'Metrics' })).toContainText(/∅.*→.*\+/)
  await size.scrollIntoViewIfNeeded()
  await expect(part(page, 'dns')).toBeAttached()
  await part(page, 'dns').focus()
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/size-at=dns/)
  await expect(page.getByRole('treeitem', { name: /^Cache, module, gone, −/ })).toBeAttached()
  await expect(page.getByRole('treeitem', { name: /^Metrics, module, new, \+/ })).toBeAttached()
  await expect(page.getByRole('treeitem', { name: /^Packet, / })).toHaveCount(0)
  await size.getByRole('button', { name: 'Sizes' }).click()
  await expect(page.getByRole('treeitem', { name: /^Packet, module, unchanged/ })).toBeAttached()
  await expectFit(page)
})

test('sizes that cannot be compared are one line with the reason', async ({ page }) => {
  await page.goto(`/compare/${sized.failed}/${sized.after}`)
  await expect(page.getByRole('region', { name: /^Size by module/ })).toContainText(/not compared · .*left/)
})

test('the page of its own may be shown in a frame', async ({ page }) => {
  const answer = await page.request.get(viz('before'))
  expect(answer.headers()['content-security-policy']).toContain('frame-ancestors *')
})
