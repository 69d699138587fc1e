import AxeBuilder from '@axe-core/playwright'
import { test as base, expect, type Page } from '@playwright/test'

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
      await use(undefined)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

export { expect }

export const screens = [
  { width: 1280, height: 900 },
  { width: 360, height: 740 },
] as const

export const themes = ['light', 'dark'] as const

/** The page has its title, and nothing on it waits for an answer. */
export async function expectLoaded(page: Page): Promise<void> {
  await expect(page.locator('h1').first()).toBeAttached()
  await expect(page.locator('[data-state=loading], [aria-busy=true], [aria-label=Loading]')).toHaveCount(0)
}

/** No rule of axe is broken. */
export async function expectAccessible(page: Page): Promise<void> {
  await expectLoaded(page)
  const { violations } = await new AxeBuilder({ page }).analyze()
  const broken = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(', ')}`)
  expect(broken).toEqual([])
}

/** Nothing but boxes of code reaches beyond the side of the screen. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  await expectLoaded(page)
  const overflow = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return scrollWidth - clientWidth
  })
  expect(overflow).toBe(0)
}
