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
  await page.goto(resourcePath)
  await expect(page.getByText('Its console could not be analysed: it takes longer than 10 s.')).toBeVisible()
  await expect(page.getByText('has not been read yet')).toHaveCount(0)
  await expect(page.getByRole('heading', { name: 'Console' })).toBeVisible()
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
