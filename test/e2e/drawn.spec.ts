import { emptySiteUrl, expect, test } from './browser.ts'

test('drawn pages are taken over without asking again, and listen', async ({ page }) => {
  const asked: string[] = []
  page.on('request', (request) => {
    if (new URL(request.url()).pathname !== '/graphql') return
    const { operationName } = request.postDataJSON() as { operationName: string }
    // What stands at the foot of all pages is asked for when a page is there.
    if (operationName !== 'Footer') asked.push(operationName)
  })
  for (const [path, heading] of [
    ['/', 'No build has arrived yet'],
    ['/failed-builds', /^Failed builds/],
    ['/platforms', /^Platforms/],
    ['/packages', /^Packages/],
    ['/keys', /keys/i],
    ['/advisories', 'Known issues'],
    ['/search?q=hello', 'Found for “hello”'],
    ['/login', 'Sign in'],
  ] as const) {
    const answer = await page.goto(emptySiteUrl() + path)
    expect(await answer?.text()).toContain('id="first-page"')
    await expect(page.getByRole('heading', { level: 1, name: heading })).toBeVisible()
    expect(asked).toEqual([])
  }
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('drawn pages are whole without JavaScript, and the search works', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(`${emptySiteUrl()}/platforms`)
  await expect(page.getByRole('heading', { level: 1, name: /^Platforms/ })).toBeVisible()
  await expect(page.getByRole('navigation', { name: 'Site' }).getByRole('link')).not.toHaveCount(0)
  await page.getByRole('combobox', { name: /^Search/ }).fill('hello')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(/\/search\?q=hello$/)
  await expect(page.getByRole('heading', { level: 1, name: 'Found for “hello”' })).toBeVisible()
  await context.close()
})
