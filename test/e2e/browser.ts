import { readFileSync } from 'node:fs'
import { test as base, expect, type APIRequestContext, type Locator, type Page } from '@playwright/test'
import type axe from 'axe-core'
import { axePath } from './axe-path.ts'

/** A site without builds, of its own server. */
export const emptySiteUrl = () => `http://127.0.0.1:${process.env['EMPTY_SITE_PORT']}`

/**
 * Every test fails when its page reports a violation of the content security policy, an exception,
 * or an error in the console. `allowedErrors`: what a test provokes on purpose.
 */
export const test = base.extend<{ allowedErrors: RegExp | null; watched: undefined }>({
  baseURL: async ({}, use) => use(`http://127.0.0.1:${process.env['SITE_PORT']}`),
  allowedErrors: [null, { option: true }],
  watched: [
    async ({ page, allowedErrors }, use) => {
      const complaints: string[] = []
      const complain = (text: string) => {
        if (!allowedErrors?.test(text)) complaints.push(text)
      }
      page.on('pageerror', (error) => complain(`exception: ${error.message}`))
      page.on('console', (message) => {
        if (message.type() === 'error' || message.type() === 'warning') complain(message.text())
      })
      await page.exposeFunction('reportViolation', (text: string) => complain(`policy: ${text}`))
      await page.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
          const { reportViolation } = window as unknown as { reportViolation: (text: string) => void }
          reportViolation(`${violatedDirective} ${blockedURI}`)
        })
      })
      waitUntilTakenOver(page)
      await use(undefined)
      // An answer that a test holds back may still be under way.
      await page.unrouteAll({ behavior: 'ignoreErrors' })
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

/** A page that the server has drawn does not listen before the application has taken it over: full loads wait for that. */
function waitUntilTakenOver(page: Page): void {
  const [goto, reload] = [page.goto.bind(page), page.reload.bind(page)]
  const isTakenOver = () => page.locator('#first-page').waitFor({ state: 'detached' })
  page.goto = async (...args) => {
    const answer = await goto(...args)
    await isTakenOver()
    return answer
  }
  page.reload = async (...args) => {
    const answer = await reload(...args)
    await isTakenOver()
    return answer
  }
}

export const screens = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
] as const

/**
 * The page has its title, nothing on it waits for an answer or moves, and what it does once it is drawn is
 * done: until then it may not listen to keys.
 */
export async function expectLoaded(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeAttached()
  await expect(page.locator('[data-state=loading], [aria-busy=true], [aria-label^=Loading]')).toHaveCount(0)
  await page.evaluate(async () => {
    // A page that is not drawn, or an animation that is taken away, never tells.
    const atMost = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
    const drawn = new Promise((resolve) => requestAnimationFrame(() => requestIdleCallback(resolve)))
    await Promise.race([drawn, atMost(2_000)])
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.race([Promise.allSettled(ending.map(({ finished }) => finished)), atMost(2_000)])
  })
}

/** The rules that depend on the theme; all others see light and dark alike. */
const themeRules = ['color-contrast', 'link-in-text-block']

/** No rule of axe is broken, or of `rules` only. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  await expectLoaded(page)
  // Reading the source of axe takes longer than many a look. The browser keeps it, as it keeps no text that it is sent.
  if (!(await page.evaluate(() => 'axe' in window))) {
    const script = await page.addScriptTag({ url: axePath })
    await script.evaluate((element: Element) => element.remove())
  }
  await markContrastSamples(page)
  const broken = await page.evaluate(
    async ({ only, sample }) => {
      const { axe: loaded } = window as unknown as { axe: typeof axe }
      loaded.configure({ rules: [{ id: 'color-contrast', selector: `[${sample}]` }] })
      const { violations } = await loaded.run(document, {
        resultTypes: ['violations'],
        ...(only && { runOnly: only }),
      })
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)
    },
    { only: rules, sample },
  )
  expect(broken).toEqual([])
}

/** Marks what `color-contrast` looks at. */
const sample = 'data-contrast-sample'

/**
 * Marks one text of each way of drawing text: its colour, size and weight, and the backgrounds behind it. A table has a
 * thousand cells of a few ways, and the rule takes as long for each. Text that may lie over something else than its
 * ancestors counts as a way of its own.
 */
async function markContrastSamples(page: Page): Promise<void> {
  await page.evaluate((attribute) => {
    for (const element of document.querySelectorAll(`[${attribute}]`)) element.removeAttribute(attribute)
    const known = new Set<string>()
    const isText = ({ nodeType, textContent }: Node) =>
      nodeType === Node.TEXT_NODE && textContent?.trim() !== ''
    const isPlaced = ({ position, transform }: CSSStyleDeclaration) =>
      position === 'absolute' || position === 'fixed' || position === 'sticky' || transform !== 'none'

    function isSeen(element: Element): boolean {
      const { width, height } = element.getBoundingClientRect()
      return width > 1 && height > 1 && element.checkVisibility({ visibilityProperty: true })
    }

    /** Undefined: it may lie over anything. */
    function wayOf(element: Element): string | undefined {
      const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element)
      const way = [color, fontSize, fontWeight, textShadow]
      for (let behind: Element | null = element; behind; behind = behind.parentElement) {
        const style = getComputedStyle(behind)
        if (behind instanceof SVGElement || isPlaced(style)) return undefined
        way.push(style.backgroundColor, style.backgroundImage, style.opacity)
        if (style.backgroundColor.startsWith('rgb(') && style.opacity === '1') break
      }
      return way.join()
    }

    for (const element of document.body.querySelectorAll('*')) {
      if (![...element.childNodes].some(isText) && !(element instanceof HTMLInputElement)) continue
      if (!isSeen(element)) continue
      const way = wayOf(element)
      if (way !== undefined && known.has(way)) continue
      if (way !== undefined) known.add(way)
      element.setAttribute(attribute, '')
    }
  }, sample)
}

/** Nothing but boxes of code reaches beyond the side of the screen, once all has taken its place. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await expectLoaded(page)
  const overflow = () =>
    page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement
      return scrollWidth - clientWidth
    })
  await expect.poll(overflow).toBe(0)
}

/** Narrower than any of `screens`. */
const narrowest = { width: 320, height: 640 }

/** Nothing reaches beyond the side: on every screen, and on one that is narrower than any. */
export async function expectNoSidewaysScrollAnywhere(page: Page): Promise<void> {
  for (const screen of [...screens, narrowest]) {
    await page.setViewportSize(screen)
    await expectNoSidewaysScroll(page)
  }
}

/** No rule of axe is broken, light or dark. */
export async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light' })
  await expectAccessible(page)
  await page.emulateMedia({ colorScheme: 'dark' })
  await expectAccessible(page, themeRules)
}

/** Nothing bars access, wide and narrow, light and dark; nor does anything reach beyond the side. */
export async function expectFit(page: Page): Promise<void> {
  for (const screen of screens) {
    await page.setViewportSize(screen)
    await expectAccessibleInBothThemes(page)
    await expectNoSidewaysScroll(page)
  }
  await page.setViewportSize(narrowest)
  await expectNoSidewaysScroll(page)
}

/** The next page is read from the server as a whole, as by a browser that was never here. */
export async function forgetCache(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.clearBrowserCache')
  // What the page itself keeps in memory goes when nothing may be kept.
  for (const cacheDisabled of [true, false]) await session.send('Network.setCacheDisabled', { cacheDisabled })
  await session.detach()
}

/** What the site answers to a GraphQL query. */
export async function askGraphQL<Data>(request: APIRequestContext, query: string): Promise<Data> {
  const answer = await request.post('/graphql', { data: { query } })
  return ((await answer.json()) as { data: Data }).data
}

/** What `copy` puts on the clipboard, which is emptied before. */
export async function copiedText(page: Page, copy: () => Promise<unknown>): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate(() => navigator.clipboard.writeText(''))
  await copy()
  let text = ''
  const read = async () => (text = await page.evaluate(() => navigator.clipboard.readText()))
  await expect.poll(read).not.toBe('')
  return text
}

/** A file that the menu beside a picture gives. */
export async function takeFile(place: Locator, label: string): Promise<{ name: string; content: Buffer }> {
  await place.getByRole('button', { name: /^Save (picture|table)/ }).click()
  const download = place.page().waitForEvent('download')
  await place.getByRole('button', { name: new RegExp(`^${label}`) }).click()
  const file = await download
  return { name: file.suggestedFilename(), content: readFileSync(await file.path()) }
}
