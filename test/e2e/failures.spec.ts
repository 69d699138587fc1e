import type { APIRequestContext } from '@playwright/test'
import { askGraphQL, copiedText, expect, expectFit, test } from './browser.ts'

type Failed = {
  resourcePath: string
  failure: { class: string; excerpt: { matchedLine: number | null } | null } | null
}

/** The newest build that failed for this reason. */
async function findFailed(request: APIRequestContext, failureClass: string): Promise<Failed> {
  const { builds } = await askGraphQL<{ builds: { nodes: Failed[] } }>(
    request,
    `{ builds(first: 100, filter: { status: FAILED }) { nodes { resourcePath failure { class excerpt { matchedLine } } } } }`,
  )
  const found = builds.nodes.find(({ failure }) => failure?.class === failureClass)
  if (!found) throw new Error(`no build with ${failureClass}`)
  return found
}

for (const [failureClass, words] of [
  ['DEPENDENCY_NOT_SOLVABLE', 'dependency not solvable'],
  ['COMPILE_ERROR', 'compile error'],
  ['TEST_FAILED', 'test failed'],
] as const) {
  test(`${failureClass}: the build shows the lines that say so, and leads to them`, async ({
    page,
    request,
  }) => {
    const { resourcePath, failure } = await findFailed(request, failureClass)
    await page.goto(resourcePath)
    await expect(page.getByText(new RegExp(`^Failed: ${words}, `))).toBeVisible()
    await expect(page.getByRole('heading', { name: 'Why it failed' })).toBeVisible()
    await expect(page.getByRole('region', { name: 'Excerpt of the console' })).toBeVisible()
    await page.getByRole('link', { name: 'in the console' }).click()
    await expect(page).toHaveURL(/#L\d+(-L\d+)?$/)
    expect(failure?.excerpt?.matchedLine).toBeGreaterThan(0)
  })
}

test('a console that could not be analysed is told with the reason', async ({ page, request }) => {
  const { resourcePath } = await findFailed(request, 'COMPILE_ERROR')
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('"BuildPage"')) return route.continue()
    const response = await route.fetch()
    const answer = (await response.json()) as { data: { build: Record<string, unknown> } }
    const analyses = answer.data.build['analyses'] as Record<string, unknown>[]
    Object.assign(answer.data.build, {
      failure: null,
      analyses: analyses.map((analysis) =>
        analysis['kind'] === 'FAILURE'
          ? { ...analysis, state: 'FAILED', error: 'it takes longer than 10 s' }
          : analysis,
      ),
    })
    await route.fulfill({ response, json: answer })
  })
  // The first page comes with its answers: this one is asked for.
  await page.goto(resourcePath.replace(/\/build\/.*/, '/failed'))
  await page.locator(`a[href="${resourcePath}"]`).first().click()
  await expect(page.getByText('Its console could not be analysed: it takes longer than 10 s.')).toBeVisible()
  await expect(page.getByText('has not been read yet')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Console' })).toBeVisible()
  await expectFit(page)
})

test('failures are told by job and platform: since when, why, and what changed when it broke', async ({
  page,
}) => {
  await page.goto('/failed-builds')
  const failing = page.getByRole('list', { name: 'Failing now' })
  await expect(failing.getByRole('listitem').first()).toContainText(/Failed: /)
  await expectFit(page)
  const broke = page.getByRole('main').getByRole('link', { name: 'what changed when it broke' }).first()
  await broke.click()
  await expect(page).toHaveURL(/\/compare\//)
  // Of the list's pages and days, only the list is shown.
  await page.goto('/failed-builds?order=received')
  await expect(page.getByRole('table')).toBeVisible()
  await expect(failing).toHaveCount(0)
})

test('a failed build without a switch is compared by what the consoles tell', async ({ page, request }) => {
  const { builds } = await askGraphQL<{
    builds: {
      nodes: { uuid: string; failure: { class: string } | null; previousSuccess: { uuid: string } | null }[]
    }
  }>(
    request,
    '{ builds(first: 100, filter: { status: FAILED }) { nodes { uuid failure { class } previousSuccess { uuid } } } }',
  )
  const isUnsolvable = builds.nodes.find(
    ({ failure, previousSuccess }) =>
      failure?.class === 'DEPENDENCY_NOT_SOLVABLE' && previousSuccess !== null,
  )
  await page.goto(`/compare/${isUnsolvable?.previousSuccess?.uuid}/${isUnsolvable?.uuid}`)
  const told = page.getByRole('region', { name: 'As the consoles tell' })
  await expect(told).toContainText('One of them names no packages')
  await expect(told.getByRole('list', { name: 'Opam repositories in the consoles' })).toContainText('default')
  await expectFit(page)
})

test('lists tell the reason beside the failure', async ({ page }) => {
  await page.goto('/failed-builds')
  await expect(page.getByText(/Failed: compile error/).first()).toBeVisible()
  await expect(page.getByText(/Failed: dependency not solvable/).first()).toBeVisible()
})

test('failed builds can be in the order of arrival, and their feed has what the page shows', async ({
  page,
}) => {
  await page.goto('/failed-builds')
  const feed = page.getByRole('link', { name: /^Feed of failed builds/ })
  await expect(feed).toHaveAttribute('href', '/feed.atom?status=failed')
  await expect(page.getByRole('columnheader').first()).toHaveText('Started')
  await page.getByLabel('Order').selectOption('as they arrived')
  await expect(page).toHaveURL(/\?order=received$/)
  await expect(page.getByRole('columnheader').first()).toHaveText('Arrived')
  await page.getByLabel('Platform').selectOption('debian-13')
  await expect(feed).toHaveAttribute('href', '/feed.atom?platform=debian-13&status=failed')
  await expect(page.getByRole('columnheader').first()).toHaveText('Arrived')
})

test('a unikernel says what it needs, and how it is run', async ({ page, request }) => {
  const { job } = await askGraphQL<{ job: { newestBuild: { resourcePath: string } } }>(
    request,
    '{ job(name: "dns-primary") { newestBuild(status: SUCCEEDED) { resourcePath } } }',
  )
  await page.goto(job.newestBuild.resourcePath)
  const section = page.getByRole('region', { name: 'Unikernel' })
  await expect(section.getByText(/^hvt unikernel, needs .*net device “service”/)).toBeVisible()
  await expect(section.getByText(/^solo5-hvt --net:service=tap0 .*-- \.\/dns-primary\.hvt$/)).toBeVisible()
  const button = section.getByRole('button', { name: 'Copy the command' })
  expect(await copiedText(page, () => button.click())).toMatch(/^solo5-hvt .*dns-primary\.hvt$/)
  await page.goto('/')
  await expect(page.getByText(/^hvt · net “service”/).first()).toBeVisible()
})

test('a program that is no unikernel has no such section', async ({ page, request }) => {
  const { job } = await askGraphQL<{ job: { newestBuild: { resourcePath: string } } }>(
    request,
    '{ job(name: "zone-tool") { newestBuild(status: SUCCEEDED) { resourcePath } } }',
  )
  await page.goto(job.newestBuild.resourcePath)
  await expect(page.getByRole('heading', { name: 'Artifacts' })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Unikernel' })).toHaveCount(0)
})

/** Addresses of a page with each part. */
const addresses: Record<string, (request: APIRequestContext) => Promise<string>> = {
  'a failed build': async (request) => (await findFailed(request, 'COMPILE_ERROR')).resourcePath,
  'a unikernel': async (request) => {
    const query = '{ job(name: "dns-primary") { newestBuild(status: SUCCEEDED) { resourcePath } } }'
    const { job } = await askGraphQL<{ job: { newestBuild: { resourcePath: string } } }>(request, query)
    return job.newestBuild.resourcePath
  },
}

for (const [name, addressOf] of Object.entries(addresses)) {
  test(`${name}: nothing bars access, wide and narrow, light and dark`, async ({ page, request }) => {
    await page.goto(await addressOf(request))
    await expectFit(page)
  })
}

test('jobs that broke together share a change, and it is the suspect', async ({ page }) => {
  await page.goto('/failed-builds')
  const together = page.getByRole('list', { name: 'Jobs that broke together' })
  await expect(together).toContainText('3 jobs broke within hours')
  await expect(together).toContainText('What they share: fmt 0.10.0 → 0.10.1')
  await together.getByRole('link', { name: 'dns-primary on debian-12' }).click()
  await expect(page).toHaveURL(/\/compare\/.*#cause$/)
  const cause = page.getByRole('region', { name: 'Which change is the cause' })
  await expect(cause).toContainText('Most likely fmt 0.10.0 → 0.10.1 broke it')
  await expect(cause.getByRole('list', { name: 'What may be the cause' })).toContainText('2 other jobs broke')
  await cause.getByText('that other builds clear').click()
  await expect(cause.getByRole('list', { name: 'What other builds clear' })).toContainText('ocaml')
  await expectFit(page)
})
