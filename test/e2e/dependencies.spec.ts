import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import {
  expect,
  expectAccessible,
  expectFit,
  expectLoaded,
  expectNoSidewaysScrollAnywhere,
  screens,
  takeFile,
  test,
} from './browser.ts'
import { hostilePackage, switchJob } from './dependencies-samples.ts'
import { about, build, direct, drawing, names, section, viz, zoomButton } from './dependencies-page.ts'

for (const name of ['small', 'large', 'hostile'] as const)
  test(`${name}: nothing bars access to picture, choice and table, wide and narrow, light and dark`, async ({
    page,
  }) => {
    test.slow()
    await page.goto(viz(name))
    await expect(drawing(page)).toBeVisible()
    // Axe looks at each of a thousand nodes for half a minute, so that once has to do.
    if (name === 'large') await expectAccessible(page)
    const expectDrawingFit = name === 'large' ? expectNoSidewaysScrollAnywhere : expectFit
    await expectDrawingFit(page)
    await page.setViewportSize(screens[0])
    await expectLoaded(page)
    await drawing(page).getByRole('button').nth(1).focus()
    await page.keyboard.press('Enter')
    await expect(page.getByRole('region', { name: /^About / })).toBeVisible()
    await expectDrawingFit(page)
    await page.setViewportSize(screens[0])
    await page.getByRole('button', { name: 'Table' }).click()
    await expect(page.getByRole('table', { name: 'Packages' })).toBeVisible()
    await expectFit(page)
  })

test('the build page shows them, with words first', async ({ page }) => {
  await page.goto(build('small'))
  await expect(section(page)).toContainText(
    '7 packages, 3 of them direct. Needed by most others: ocaml (7), log (4). 1 more package in the switch is no part of it.',
  )
  await expect(drawing(page)).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Sections of this build' })).toContainText('dependencies')
})

test('a click tells why a package is there, and the address keeps it', async ({ page }) => {
  await page.goto(viz('small'))
  await direct(page, 'web').click()
  const panel = about(page, 'web')
  await expect(panel).toContainText('app → web')
  await expect(panel).toContainText('Only it brings 2 more')
  await expect(panel).toContainText('Needs 3, 5 in all')
  await expect(page).toHaveURL(/\?package=web$/)

  await panel.getByRole('button', { name: 'parser' }).click()
  await expect(about(page, 'parser')).toContainText('app → web → http → parser')
  await page.reload()
  await expect(about(page, 'parser')).toContainText('Only it brings nothing')
  await expect(
    about(page, 'parser').getByRole('link', { name: 'Who has it, in which version' }),
  ).toHaveAttribute('href', '/package/opam/parser')
  await about(page, 'parser').getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('region', { name: /^About / })).toBeHidden()
  await expect(page).toHaveURL(viz('small'))
})

test('pointing at a direct dependency shows who shares what it needs', async ({ page }) => {
  await page.goto(viz('small'))
  await direct(page, 'web').hover()
  const lit = drawing(page).locator('circle.is-lit')
  // Itself; log and ocaml in all fans they are in, and as a direct one; http and parser.
  await expect(lit).toHaveCount(9)
  await expect(page.getByText('web 1.0, direct, needed by 1, only it brings 2 more')).toBeVisible()
  await page.mouse.move(0, 0)
  await expect(lit).toHaveCount(0)
})

test('arrow keys walk from package to package, Enter shows why, Escape closes', async ({ page }) => {
  await page.goto(viz('small'))
  await drawing(page).getByRole('button', { name: 'app 1.0, the root' }).focus()
  const focused = page.locator('circle:focus')
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key)
  }
  await press('ArrowDown')
  await expect(focused).toHaveAccessibleName(/^log 1\.0, direct/)
  await press('ArrowRight', 'ArrowDown', 'End')
  await expect(focused).toHaveAccessibleName('parser 1.0, needed by 1')
  await press('Enter')
  await expect(about(page, 'parser')).toBeVisible()
  await press('ArrowUp', 'ArrowUp')
  await expect(focused).toHaveAccessibleName('app 1.0, the root')
  await press('Escape')
  await expect(page.getByRole('region', { name: /^About / })).toBeHidden()
  // The drawing is one stop for Tab.
  await press('Shift+Tab', 'Tab')
  await expect(focused).toHaveAccessibleName('app 1.0, the root')
})

/** The box shows what the address says, which changes a moment after the click: `check()` does not wait for it. */
async function switchDirectOnly(page: Page, checked: boolean): Promise<void> {
  const box = page.getByLabel('direct ones only')
  await expect(box).toBeChecked({ checked: !checked })
  await box.click()
  await expect(box).toBeChecked({ checked })
}

test('a search marks what it finds and says how many; Enter chooses the first', async ({ page }) => {
  await page.goto(viz('large'))
  const search = page.getByRole('searchbox', { name: 'Find a package' })
  await search.fill('package-29')
  await expect(page.getByRole('status').filter({ hasText: '10 packages' })).toBeVisible()
  await expect(drawing(page).locator('circle.is-found').first()).toBeVisible()
  await search.press('Enter')
  await expect(about(page, 'package-290')).toBeVisible()
  await search.fill('nowhere')
  await expect(page.getByRole('status').filter({ hasText: 'no package' })).toBeVisible()
})

test('the table has the same packages: sorted, filtered, and each with its reason', async ({ page }) => {
  await page.goto(`${viz('small')}?packages=table`)
  const table = page.getByRole('table', { name: 'Packages' })
  const names = table.getByRole('row').getByRole('button')
  await expect(names).toHaveText(['ocaml', 'log', 'fmt', 'http', 'parser', 'web', 'zip', 'tool'])
  await page.getByLabel('Sort by').selectOption('brings in most')
  await expect(names.first()).toHaveText('web')
  await switchDirectOnly(page, true)
  await expect(names).toHaveText(['web', 'log', 'zip'])
  await names.first().click()
  await expect(about(page, 'web')).toBeVisible()
  await page.getByRole('searchbox', { name: 'Find a package' }).fill('zi')
  await expect(names).toHaveText(['zip'])
})

test('the address has what the table is sorted and filtered by, and the way back leads out', async ({
  page,
}) => {
  await page.goto(build('small'))
  await section(page).getByRole('link', { name: 'on a page of its own' }).click()
  await page.getByRole('button', { name: 'Table' }).click()
  const names = page.getByRole('table', { name: 'Packages' }).getByRole('row').getByRole('button')
  const order = page.getByLabel('Sort by')
  const search = page.getByRole('searchbox', { name: 'Find a package' })
  await order.selectOption('name')
  await switchDirectOnly(page, true)
  await search.pressSequentially('o')
  await expect(page).toHaveURL(/[?]packages=table&packages-sort=name&packages-only=direct&packages-q=o$/)
  await expect(names).toHaveText(['log'])

  await page.reload()
  await expect(names).toHaveText(['log'])
  await expect(order).toHaveValue('name')
  await expect(page.getByLabel('direct ones only')).toBeChecked()
  await expect(search).toHaveValue('o')
  await search.fill('')
  await switchDirectOnly(page, false)
  await order.selectOption('needed by most')
  await expect(page).toHaveURL(/[?]packages=table$/)
  await page.goBack()
  await expect(page).toHaveURL(new RegExp(`${build('small')}$`))

  await page.goto(`${viz('small')}?packages=table&packages-sort=constructor`)
  await expect(order).toHaveValue('dependants')
})

test('picture and data can be taken away', async ({ page }) => {
  await page.goto(viz('small'))
  await expect(drawing(page)).toBeVisible()
  const take = (label: string) => takeFile(page.getByRole('main'), label)
  const svg = await take('SVG')
  expect(svg.name).toBe('many-dependencies_dependencies_debian-12.svg')
  expect(svg.content.toString()).toContain('>web</text>')
  expect(svg.content.toString()).not.toContain('data-package')
  await zoomButton(page, 'Zoom in').click()
  await zoomButton(page, 'Zoom in').click()
  await expect(names(page)).not.toHaveCount(0)
  await page.mouse.move(0, 0)
  expect((await take('SVG')).content.equals(svg.content)).toBe(true)
  expect((await take('PNG')).content.subarray(1, 4).toString()).toBe('PNG')
  const csv = (await take('CSV')).content.toString()
  expect(csv).toContain('web,1.0,true,true,1,2,3,5,')
  const json = JSON.parse((await take('JSON')).content.toString())
  expect(JSON.stringify(json)).toContain('"why":["app","web","http","parser"]')
})

test('names are text, whatever they hold', async ({ page }) => {
  await page.goto(viz('hostile'))
  await expect(drawing(page)).toBeVisible()
  await page.getByRole('button', { name: 'Table' }).click()
  await expect(page.getByRole('table', { name: 'Packages' })).toContainText(`${hostilePackage}2`)
  expect(await page.title()).not.toBe('owned')
})

test('a build without a switch, and one with a broken one, say so', async ({ page }) => {
  await page.goto(viz('none'))
  await expect(page.getByRole('heading', { name: 'No dependencies are known' })).toBeVisible()
  await expectFit(page)
  await page.setViewportSize(screens[0])
  await page.goto(viz('broken'))
  await expect(page.getByText('malformed opam file at line 1')).toBeVisible()
  await expectFit(page)
  await page.goto(build('none'))
  await expect(page.getByRole('heading', { name: 'Script' })).toBeVisible()
  await expect(section(page)).toBeHidden()
})

test.describe('what is not there', () => {
  test.use({ allowedErrors: /404/ })
  test('is not found', async ({ page }) => {
    const answer = await page.goto(
      `/job/${switchJob}/build/de9e0000-0000-4000-8000-00000000ffff/vizdependencies`,
    )
    expect(answer?.status()).toBe(404)
    await expect(page.getByRole('heading', { name: 'Not found' })).toBeVisible()
  })
})

test.describe('in a frame', () => {
  test.use({ allowedErrors: /frame-ancestors|chrome-error/ })
  test('another site may show the picture in a frame, and its links leave the frame', async ({
    page,
    baseURL,
  }) => {
    const other = createServer((_request, response) => {
      response.setHeader('Content-Type', 'text/html')
      response.end(
        `<title>another site</title><iframe width="1000" height="800" src="${baseURL}${viz('small')}"></iframe>
       <iframe id="refused" src="${baseURL}${build('small')}"></iframe>`,
      )
    })
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = other.address() as AddressInfo
      await page.goto(`http://localhost:${port}/`)
      const frame = page.frameLocator('iframe').first()
      await expect(frame.getByRole('group', { name: /^Dependencies of/ })).toBeVisible()
      await expect(frame.getByRole('banner')).toHaveCount(0)
      await expect(page.frameLocator('#refused').getByRole('heading')).toHaveCount(0)
      await frame.getByRole('link', { name: /^build of/ }).click()
      await page.waitForURL(`**${build('small')}`)
      await expect(page.getByRole('heading', { level: 1 })).toContainText(switchJob)
    } finally {
      other.closeAllConnections()
      other.close()
    }
  })
})

test('the page names itself for tabs and search engines', async ({ page, baseURL }) => {
  await page.goto(`${viz('small')}?package=web`)
  await expect(page).toHaveTitle(/^Dependencies of many-dependencies on debian-12, .* · Builder Hub$/)
  await expect(page.locator('link[rel=canonical]')).toHaveAttribute('href', `${baseURL}${viz('small')}`)
})

test('300 packages stay fluid: a move of the pointer takes a fraction of what drawing them takes', async ({
  page,
}) => {
  await page.goto(`${viz('large')}?packages=table`)
  await expectLoaded(page)
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const scriptSeconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'ScriptDuration')?.value ?? NaN
  }
  const before = await scriptSeconds()
  await page.getByRole('button', { name: 'Picture' }).click()
  await expect(drawing(page)).toBeVisible()
  await expectLoaded(page)
  const drawn = await scriptSeconds()
  const box = (await drawing(page).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 }
  const moves = 120
  for (let step = 0; step < moves; step += 1) {
    const angle = step / 8
    const radius = box.width * (0.2 + 0.2 * Math.abs(Math.sin(step / 20)))
    await page.mouse.move(
      box.x + box.width / 2 + Math.cos(angle) * radius,
      box.y + box.height / 2 + Math.sin(angle) * radius,
    )
  }
  const perMove = ((await scriptSeconds()) - drawn) / moves
  expect(perMove).toBeGreaterThan(0)
  expect(perMove).toBeLessThan((drawn - before) / 2)
})
