import type { Page } from '@playwright/test'
import { askGraphQL, expect, expectFit, expectLoaded, takeFile, test } from './browser.ts'

const job = '/job/dns-primary'

type HistoryAnswer = { interval: string; series: { points: Record<string, unknown>[] }[] }

async function openHistory(page: Page, query = '') {
  await page.goto(`${job}${query}`)
  const history = page.getByRole('figure', { name: 'History' })
  await expect(history.getByRole('heading', { name: 'History' })).toBeVisible()
  await expectLoaded(page)
  return history
}

test('the history says in words what it draws, with a point for each build', async ({ page }) => {
  const history = await openHistory(page)
  await expect(
    history.getByText(/now on .*since .*\d+ of \d+ builds succeeded\. Median duration/),
  ).toBeVisible()
  const chart = history.getByRole('group', { name: /^Charts of dns-primary/ })
  await expect(chart.getByRole('link', { name: /^debian-12, .*failed$/ })).not.toHaveCount(0)
  await expect(chart.getByRole('link', { name: /^freebsd-14, .*succeeded/ })).not.toHaveCount(0)
  await expect(chart.getByText('Main binary')).toBeVisible()
  await expect(chart.getByText('Duration of successful builds')).toBeVisible()
})

test('a history that is longer than what is drawn says so', async ({ page }) => {
  await page.route('**/graphql*', async (route) => {
    const answer = await route.fetch()
    const content = (await answer.json()) as { data?: { job?: { history?: HistoryAnswer } } }
    const history = content.data?.job?.history
    if (!history) return route.fulfill({ response: answer })
    history.interval = 'MONTH'
    for (const series of history.series) {
      const [point] = series.points
      series.points = Array.from({ length: 120 }, (_, n) => ({
        ...point,
        startsAt: new Date(Date.UTC(2016, n)).toISOString(),
        endsAt: new Date(Date.UTC(2016, n + 1)).toISOString(),
      }))
    }
    return route.fulfill({ response: answer, json: content })
  })
  const history = await openHistory(page)
  await expect(
    history.getByText(/month with builds, in UTC; of each platform at most the newest 120 are drawn\./),
  ).toBeVisible()
})

test('arrow keys walk the points, and Enter opens the build', async ({ page }) => {
  const history = await openHistory(page)
  await history.getByRole('button', { name: 'Copy link to this view' }).focus()
  await page.keyboard.press('Tab')
  const focused = page.locator(':focus')
  await expect(focused).toHaveAttribute('aria-label', /^(debian|freebsd)-\d+, \d{4}-\d\d-\d\d /)
  const last = (await focused.getAttribute('aria-label')) ?? ''
  await page.keyboard.press('ArrowLeft')
  await expect(focused).not.toHaveAttribute('aria-label', last)
  const before = (await focused.getAttribute('aria-label')) ?? ''
  await page.keyboard.press('Home')
  await expect(focused).not.toHaveAttribute('aria-label', before)
  const [platform, day] = ((await focused.getAttribute('aria-label')) ?? '').split(', ')
  // What is read out is what has the focus.
  await expect(history.getByText(`${platform} · ${day}`)).toBeVisible()
  const href = await focused.getAttribute('href')
  await page.keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`${href}$`))
  await expect(page.getByRole('heading', { level: 1, name: 'dns-primary' })).toBeVisible()
})

test('the pointer takes the nearest point; a change leads to the comparison', async ({ page }) => {
  const history = await openHistory(page)
  const chart = history.getByRole('group', { name: /^Charts of dns-primary/ })
  await expect(history.getByText('· newest')).toBeVisible()
  await chart.scrollIntoViewIfNeeded()
  const box = await chart.boundingBox()
  if (!box) throw new Error('the chart has no place')
  await page.mouse.move(box.x + box.width / 2, box.y + 80)
  await expect(history.getByText('· newest')).toHaveCount(0)
  await chart.locator('a[href^="/compare/"]').first().click()
  await expect(page).toHaveURL(/\/compare\//)
})

test('which chart, the table and the platform are in the address', async ({ page }) => {
  const history = await openHistory(page)
  await history.getByRole('button', { name: 'Duration', exact: true }).click()
  await expect(page).toHaveURL(/chart=duration/)
  await expect(history.getByText('Main binary', { exact: true })).toHaveCount(0)
  await history.getByRole('button', { name: 'Table' }).click()
  await expect(page).toHaveURL(/history=table/)
  const table = history.getByRole('table', { name: 'History of dns-primary' })
  await expect(table.getByRole('row')).not.toHaveCount(0)
  await expect(table.getByRole('cell', { name: 'freebsd-14' })).not.toHaveCount(0)
  await expect(table.getByRole('link').first()).toHaveAttribute('href', /^\/job\/dns-primary\/build\//)

  await page.getByLabel('Platform', { exact: true }).selectOption('debian-12')
  await expect(table.getByRole('cell', { name: 'freebsd-14' })).toHaveCount(0)
  await page.reload()
  await expect(table.getByRole('cell', { name: 'debian-12' })).not.toHaveCount(0)
  await expect(table.getByRole('cell', { name: 'freebsd-14' })).toHaveCount(0)
})

test('the picture and its data can be taken away', async ({ page }) => {
  const history = await openHistory(page, '?platform=debian-12')
  const csv = await takeFile(history, 'CSV')
  expect(csv.name).toBe('dns-primary_history_debian-12.csv')
  const [head, ...rows] = csv.content.toString().trimEnd().split('\r\n')
  expect(head).toMatch(/^job,platform,interval,startsAt,.*sizeBytes,/)
  expect(rows.length).toBeGreaterThan(2)

  const json = JSON.parse((await takeFile(history, 'JSON')).content.toString()) as { newestBuild: string }[]
  expect(json).toHaveLength(rows.length)
  expect(json[0]?.newestBuild).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/job\/dns-primary\/build\//)

  const svg = await takeFile(history, 'SVG')
  expect(svg.name).toBe('dns-primary_history_debian-12.svg')
  const text = svg.content.toString()
  // Nothing of the page's style sheet is needed, and what it shows is told.
  expect(text).not.toMatch(/var\(|oklch| class=| style=| tabindex=/)
  expect(text).toContain('<title>History of dns-primary</title>')
  expect(text).toMatch(/\/job\/dns-primary\?platform=debian-12#history</)
  expect(text).toMatch(/stroke="#[0-9a-f]{6}"/)

  const png = await takeFile(history, 'PNG')
  expect(png.content.subarray(1, 4).toString()).toBe('PNG')
  // Two pixels for each of the drawing's.
  const width = Number(/ width="(\d+)"/.exec(text)?.[1])
  expect(png.content.readUInt32BE(16)).toBe(2 * width)
})

test('Escape folds the list of files and returns to its button', async ({ page }) => {
  const history = await openHistory(page)
  const button = history.getByRole('button', { name: 'Save picture: History' })
  await button.click()
  await expect(button).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  await expect(button).toHaveAttribute('aria-expanded', 'false')
  await expect(button).toBeFocused()
})

test('a job with one build tells of it instead of drawing a line', async ({ page, request }) => {
  const query = '{ jobs(first: 100) { nodes { name builds(first: 1) { totalCount } } } }'
  type Answer = { jobs: { nodes: { name: string; builds: { totalCount: number } }[] } }
  const { jobs } = await askGraphQL<Answer>(request, query)
  const single = jobs.nodes.find(({ builds }) => builds.totalCount === 1)
  if (!single) throw new Error('the site has no job with one build')
  await page.goto(`/job/${encodeURIComponent(single.name)}`)
  await expect(page.getByText(/One build so far/)).toBeVisible()
})

for (const query of ['', '?history=table'])
  test(`the history${query}: nothing bars access, wide and narrow, light and dark`, async ({ page }) => {
    const history = await openHistory(page, query)
    await history.getByRole('button', { name: /^Save (picture|table): History$/ }).click()
    await expectFit(page)
  })
