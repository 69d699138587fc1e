import { expect, test } from './browser.ts'

// What somebody comes for, each from the home page in at most two clicks, or with one paste.

const rowOf = (job: string) => ({ hasText: job })

test('is this binary confirmed, and by whom', async ({ page }) => {
  await page.goto('/')
  const row = page.getByRole('row').filter(rowOf('dns-primary'))
  await row.getByRole('link', { name: /confirmed by|repeated here/ }).click()
  await expect(page.getByRole('table', { name: 'Who made it' })).toBeVisible()
})

test('the same by the hash of a file that somebody has', async ({ page, request }) => {
  const query = '{ job(name: "dns-primary") { newestBuild(status: SUCCEEDED) { mainBinary { sha256 } } } }'
  const answer = await (await request.post('/graphql', { data: { query } })).json()
  await page.goto('/')
  const search = page.getByRole('combobox', { name: /^Search/ })
  await search.fill(answer.data.job.newestBuild.mainBinary.sha256)
  await search.press('Enter')
  await expect(page.getByRole('table', { name: 'Who made it' })).toBeVisible()
})

test('what changed since the last different output', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'dns-primary', exact: true }).first().click()
  await page.getByRole('link', { name: 'what changed' }).first().click()
  await expect(page.getByText(/Output changed/).first()).toBeVisible()
})

test('why does it fail, and since when', async ({ page }) => {
  await page.goto('/')
  const problem = page.getByRole('region', { name: 'Problems' }).getByRole('listitem')
  await expect(problem.filter(rowOf('tls-gateway'))).toContainText(/since .*: aborted: timeout/)
})

test('download the newest unikernel, and the command that checks it', async ({ page }) => {
  await page.goto('/')
  const row = page.getByRole('row').filter(rowOf('dns-primary'))
  const downloads = page.waitForEvent('download')
  await row.getByRole('link', { name: /^Download/ }).click()
  expect((await downloads).suggestedFilename()).toBe('dns-primary.hvt')
})

test('the command that checks what was downloaded', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'dns-primary', exact: true }).first().click()
  await page.getByRole('button', { name: /check/i }).first().click()
  await expect(page.getByRole('dialog')).toContainText('sha256sum')
})

test('which builds contain a package', async ({ page }) => {
  await page.goto('/')
  const search = page.getByRole('combobox', { name: /^Search/ })
  await search.fill('mirage-crypto')
  await page
    .getByRole('option', { name: /mirage-crypto/ })
    .first()
    .click()
  await expect(page).toHaveURL(/\/package\/opam\/mirage-crypto/)
  await expect(page.getByRole('link', { name: 'dns-primary' }).first()).toBeVisible()
})

test('what grew between two releases', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'dns-primary', exact: true }).first().click()
  await page.getByRole('link', { name: 'what changed' }).first().click()
  await expect(page.getByRole('region', { name: 'Size by module' })).toContainText(/[+−][\d.]+ [KM]iB/)
})

test('why did several jobs break at once', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Failed builds' }).click()
  await expect(page.getByRole('list', { name: 'Jobs that broke together' })).toContainText(
    'fmt 0.10.0 → 0.10.1',
  )
})

test('lines of the log, as a link', async ({ page }) => {
  await page.goto('/')
  const problem = page.getByRole('region', { name: 'Problems' }).getByRole('listitem')
  await problem
    .filter(rowOf('tls-gateway'))
    .getByRole('link', { name: /failing/ })
    .click()
  const lines = page.getByRole('region', { name: 'Console output' })
  await lines
    .getByRole('link', { name: /^Line \d+$/ })
    .first()
    .click()
  await page.getByRole('button', { name: 'Mark up to …' }).click()
  await lines
    .getByRole('link', { name: /^Line \d+$/ })
    .nth(3)
    .click()
  await expect(page).toHaveURL(/#L\d+-L\d+$/)
})

test('how is it rebuilt', async ({ page }) => {
  await page.goto('/')
  const row = page.getByRole('row').filter(rowOf('dns-primary'))
  await row.getByRole('link', { name: 'debian-12' }).click()
  await page.getByRole('button', { name: /Rebuild it/ }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
})

test('what fails on a platform', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Failed builds' }).click()
  await page.getByLabel('Platform', { exact: true }).selectOption('debian-13')
  await expect(page.getByRole('link', { name: 'tls-gateway' }).first()).toBeVisible()
})

test('what failed on a platform within some days', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'Failed builds' }).click()
  const lastWeek = new Date(Date.now() - 7 * 86_400_000).toISOString().slice(0, 10)
  await page.getByLabel('From', { exact: true }).fill(lastWeek)
  await expect(page).toHaveURL(new RegExp(`since=${lastWeek}`))
  await expect(page.getByRole('link', { name: 'tls-gateway' }).first()).toBeVisible()
  await expect(page.getByRole('link', { name: 'zone-tool' })).toHaveCount(0)
})

test('a badge for a readme', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('link', { name: 'dns-primary', exact: true }).first().click()
  await expect(page.getByRole('button', { name: 'Copy the badge as Markdown' })).toBeVisible()
})
