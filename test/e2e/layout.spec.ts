import type { Page } from '@playwright/test'
import { askGraphQL, expect, expectLoaded, forgetCache, test } from './browser.ts'
import { hostileJob, hostilePlatform, uuids } from './samples.ts'

/** Where the shape of a page could change, and beside each such place. */
const widths = [360, 768, 834, 1024, 1100, 1280, 1400]

const build = (uuid: string) => `/job/odd-builds/build/${uuid}`

/** Every page with a list, a table or a picture. */
const paths = [
  '/',
  '/all-builds',
  '/job/dns-primary',
  '/job/dns-primary?view=builds',
  '/job/odd-builds/failed',
  `/job/${encodeURIComponent(hostileJob)}`,
  '/failed-builds',
  '/platforms',
  '/platform/debian-12',
  `/platform/${encodeURIComponent(hostilePlatform)}`,
  '/packages',
  '/package/opam/lwt',
  '/search?q=dns',
  build(uuids.long),
  build(uuids.manyArtifacts),
  `/job/${encodeURIComponent(hostileJob)}/build/${uuids.hostile}`,
]

/** Addresses of the newest build of a job, of the search for its hash, and of what changed before it. */
async function pathsOf(page: Page, job: string): Promise<string[]> {
  const { job: found } = await askGraphQL<{
    job: {
      standings: { newestBuild: { uuid: string; mainBinary: { sha256: string } | null } }[]
      outputs: { nodes: { change: { resourcePath: string } | null }[] }
    }
  }>(
    page.request,
    `{ job(name: "${job}") {
      standings { newestBuild { uuid mainBinary { sha256 } } }
      outputs(first: 2) { nodes { change { resourcePath } } }
    } }`,
  )
  const { uuid, mainBinary } = found.standings.find(({ newestBuild }) => newestBuild.mainBinary)!.newestBuild
  return [
    `/job/${job}/build/${uuid}`,
    `/job/${job}/build/${uuid}/vizdependencies`,
    `/job/${job}/build/${uuid}/viztreemap`,
    `/search?q=${mainBinary!.sha256}`,
    ...found.outputs.nodes.flatMap(({ change }) => (change ? [change.resourcePath] : [])),
  ]
}

/**
 * What is wrong with the layout of the page as it is now: its texts and buttons that reach beyond the side, those
 * in different cells of a row that lie upon each other, and those of which a part is cut off. Cells of the name
 * of a row may cut a synopsis, whose whole the page of the job has.
 */
function findFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = []
    const { scrollWidth, clientWidth } = document.documentElement
    const titles = document.head.querySelectorAll('title').length
    if (titles !== 1) faults.push(`the page has ${titles} titles`)
    if (scrollWidth > clientWidth) faults.push(`the page is ${scrollWidth - clientWidth} px too wide`)

    const isShown = (element: Element) =>
      element.checkVisibility({ visibilityProperty: true }) &&
      !element.closest('.sr-only, [aria-hidden=true]')
    /** Boxes of the lines of text, and of the buttons, of a cell. */
    function boxesOf(cell: Element): DOMRect[] {
      const boxes: DOMRect[] = []
      const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (!node.textContent?.trim() || !node.parentElement || !isShown(node.parentElement)) continue
        const range = document.createRange()
        range.selectNodeContents(node)
        boxes.push(...range.getClientRects())
      }
      for (const button of cell.querySelectorAll('button, .icon-button'))
        if (isShown(button)) boxes.push(button.getBoundingClientRect())
      return boxes.filter(({ width, height }) => width > 1 && height > 1)
    }
    const say = (cell: Element) => `“${cell.textContent.trim().slice(0, 40)}”`

    /** In a box that scrolls sideways, as the tables of readmes do, cells may reach beyond the side. */
    const scrolls = (element: Element | null): boolean =>
      element !== null &&
      element !== document.body &&
      (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) || scrolls(element.parentElement))
    // The head of a table that is shown as a list is there for screen readers only.
    const rows = [...document.querySelectorAll('main tr')].filter(
      (row) => (row.parentElement?.clientWidth ?? 0) > 1 && !scrolls(row),
    )
    for (const row of rows) {
      const cells = [...row.children].map((cell) => ({ cell, boxes: boxesOf(cell) }))
      cells.forEach(({ cell, boxes }, index) => {
        if (boxes.some(({ right, left }) => left < -1 || right > clientWidth + 1))
          faults.push(`${say(cell)} reaches beyond the side`)
        for (const { cell: other, boxes: others } of cells.slice(index + 1)) {
          const isCovered = boxes.some((a) =>
            others.some(
              (b) =>
                Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
                Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3,
            ),
          )
          if (isCovered) faults.push(`${say(cell)} lies upon ${say(other)}`)
        }
        if (cell.matches('[role=rowheader]')) return
        for (const element of [cell, ...cell.querySelectorAll('*')]) {
          if (!isShown(element) || !(element instanceof HTMLElement)) continue
          const { overflowX } = getComputedStyle(element)
          if (overflowX === 'visible') continue
          if (
            element.scrollWidth > element.clientWidth + 1 ||
            element.scrollHeight > element.clientHeight + 1
          )
            faults.push(`${say(element)} is cut off`)
        }
      })
    }
    return faults
  })
}

/** How far what is shown already has moved since the page was opened: Chromium's measure, and what moved. */
const shiftsOf = (page: Page) => page.evaluate(() => (window as unknown as { shifts: string[] }).shifts)

async function noteShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const shifts: string[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & {
        value: number
        sources: { node: Node | null }[]
      })[]) {
        const nodes = entry.sources.map(({ node }) => node?.textContent?.slice(0, 40) ?? '')
        shifts.push(`${entry.value} ${nodes.join(' | ')}`)
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })
}

async function expectNoJump(page: Page, path: string, width: number): Promise<void> {
  await page.setViewportSize({ width, height: 900 })
  await page.goto(path)
  await expectLoaded(page)
  const shifts = await shiftsOf(page)
  const sum = shifts.reduce((total, shift) => total + Number.parseFloat(shift), 0)
  expect.soft(sum, `${path} at ${width} px: ${shifts.join('; ')}`).toBeLessThanOrEqual(0.05)
}

/** At no width does anything overlap, stick out or lack its end. */
async function expectInPlace(page: Page, path: string): Promise<void> {
  const faults: string[] = []
  for (const width of widths) {
    await page.setViewportSize({ width, height: 900 })
    await expectLoaded(page)
    faults.push(...(await findFaults(page)).map((fault) => `${width}: ${fault}`))
  }
  expect.soft(faults, path).toEqual([])
}

async function expectSteady(page: Page, path: string): Promise<void> {
  // Fonts that come late move what stands there already.
  await forgetCache(page)
  await expectNoJump(page, path, 1400)
  await expectNoJump(page, path, 360)
  await expectInPlace(page, path)
}

for (const path of paths)
  test(`${path}: nothing jumps while it loads; at no width does anything overlap, stick out or lack its end`, async ({
    page,
  }) => {
    await noteShifts(page)
    await expectSteady(page, path)
  })

test('pages of a build with a binary: nothing jumps, overlaps, sticks out or lacks its end', async ({
  page,
}) => {
  await noteShifts(page)
  for (const path of await pathsOf(page, 'dns-primary')) await expectSteady(page, path)
})

test('what is chosen is seen in forced colours', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' })
  await page.goto('/job/dns-primary')
  const group = page.getByRole('group', { name: 'Show as' })
  const background = (name: string) =>
    group.getByRole('button', { name }).evaluate((button) => getComputedStyle(button).backgroundColor)
  expect(await background('Picture')).not.toBe(await background('Table'))
})
