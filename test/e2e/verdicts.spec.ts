import type { APIRequestContext } from '@playwright/test'
import { askGraphQL, expect, expectFit, screens, test } from './browser.ts'

type Found = { resourcePath: string; uuid: string }

/** The newest build that a filter finds. */
async function findBuild(request: APIRequestContext, filter: string): Promise<Found> {
  const query = `{ builds(first: 1, filter: { ${filter} }) { nodes { resourcePath uuid } } }`
  const { builds } = await askGraphQL<{ builds: { nodes: Found[] } }>(request, query)
  const [found] = builds.nodes
  if (!found) throw new Error(`no build with ${filter}`)
  return found
}

test('a reproduced build says by how many, on which platforms, and lists the others', async ({
  page,
  request,
}) => {
  const { resourcePath, uuid } = await findBuild(request, 'job: "dns-primary", verdict: REPRODUCED')
  await page.goto(resourcePath)
  await expect(page.getByText('Repeated here ×3').first()).toBeVisible()
  await expect(
    page.getByText(
      /This build and 2 others on debian-12 and debian-13 produced this binary from 2 distinct inputs/,
    ),
  ).toBeVisible()
  const table = page.getByRole('table', { name: 'Other builds of this output' })
  await expect(table.getByText('same input')).toHaveCount(1)
  await expect(table.getByText('other input')).toHaveCount(1)
  // The older one is on the left.
  await expect(table.getByRole('link', { name: 'compare' }).first()).toHaveAttribute(
    'href',
    new RegExp(`^/compare/[0-9a-f-]+/${uuid}$`),
  )
  // To where the output became this one, which was a build before.
  const { data } = (await (
    await request.post('/graphql', {
      data: {
        query: `{ build(uuid: "${uuid}") { firstWithOutput { uuid } previousDifferentOutput { uuid } } }`,
      },
    })
  ).json()) as { data: { build: Record<'firstWithOutput' | 'previousDifferentOutput', Found> } }
  const { firstWithOutput, previousDifferentOutput } = data.build
  expect(firstWithOutput.uuid).not.toBe(uuid)
  await expect(page.getByRole('link', { name: 'what changed' })).toHaveAttribute(
    'href',
    `/compare/${previousDifferentOutput.uuid}/${firstWithOutput.uuid}`,
  )
  await expect(page.getByText(/^dns-primary 1\.4\.1 → 1\.5\.0; duniverse carton/)).toBeVisible()
})

test('a build that is not reproducible leads to what else its input gave', async ({ page, request }) => {
  const { resourcePath, uuid } = await findBuild(request, 'job: "zone-tool", verdict: NOT_REPRODUCIBLE')
  await page.goto(resourcePath)
  await expect(page.getByText('Disputed: same input, 2 outputs')).toBeVisible()
  await expect(page.getByRole('link', { name: 'what differs' })).toHaveAttribute('href', new RegExp(uuid))
})

test('a build that nobody repeated says so', async ({ page, request }) => {
  const { resourcePath } = await findBuild(request, 'job: "fleetd", verdict: UNCONFIRMED')
  await page.goto(resourcePath)
  await expect(page.getByText('Not repeated yet').first()).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Other builds of this output 0' })).toBeVisible()
})

test('a failed build leads to the last good one and to its repair', async ({ page, request }) => {
  const { resourcePath, uuid } = await findBuild(request, 'job: "zone-tool", status: FAILED')
  await page.goto(resourcePath)
  await expect(page.getByText(/^Failed: [a-z ]+, exited 2 after/)).toBeVisible()
  await expect(page.getByText(/last good: 5 months ago/)).toBeVisible()
  await expect(page.getByRole('link', { name: 'what changed since' })).toHaveAttribute(
    'href',
    new RegExp(`^/compare/[0-9a-f-]+/${uuid}$`),
  )
  await expect(page.getByRole('link', { name: 'fixed 28 hours later' })).toHaveAttribute(
    'href',
    new RegExp(`^/compare/${uuid}/[0-9a-f-]+$`),
  )
})

for (const [name, filter] of [
  ['reproduced', 'job: "dns-primary", verdict: REPRODUCED'],
  ['disputed', 'verdict: NOT_REPRODUCIBLE'],
  ['not repeated yet', 'job: "fleetd", verdict: UNCONFIRMED'],
  ['failed and fixed', 'job: "zone-tool", status: FAILED'],
] as const) {
  test(`a build that is ${name}: nothing bars access, wide and narrow, light and dark`, async ({
    page,
    request,
  }) => {
    test.slow()
    const { resourcePath } = await findBuild(request, filter)
    await page.goto(resourcePath)
    await expectFit(page)
  })
}

test('a job shows its outputs, and each change leads to a comparison', async ({ page }) => {
  await page.goto('/job/dns-primary')
  const outputs = page.getByRole('list', { name: 'Outputs of dns-primary' })
  await expect(outputs.getByText(/repeated here|confirmed by/).first()).toBeVisible()
  await expect(outputs.getByRole('listitem').first()).toContainText('1.5.0')
  const card = page.getByRole('region', { name: 'Newest output' })
  await expect(card.getByRole('link', { name: 'Download' })).toBeVisible()
  await expect(card.getByRole('listitem').filter({ hasText: 'freebsd-14' })).toContainText(
    'another output: 1.4.0',
  )
  const changes = outputs.getByRole('link', { name: 'what changed' })
  await expect(changes.first()).toHaveAttribute('href', /^\/compare\/[0-9a-f-]{36}\/[0-9a-f-]{36}$/)
  await page.getByLabel('Platform', { exact: true }).selectOption('freebsd-14')
  await expect(page).toHaveURL(/platform=freebsd-14/)
  await expect(outputs.getByText('debian-12')).toHaveCount(0)
  await expect(outputs.getByText('freebsd-14')).not.toHaveCount(0)

  await page.getByRole('link', { name: 'All builds', exact: true }).first().click()
  await expect(page).toHaveURL(/view=builds/)
})

test('each change of an output says what changed, and nothing moves when it is known', async ({ page }) => {
  let answer = () => {}
  const isAsked = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('JobOutputChanges')) await isAsked
    await route.continue()
  })
  await page.goto('/job/dns-primary')
  await expect(page.getByRole('figure').first()).toBeVisible()
  const outputs = page.getByRole('list', { name: 'Outputs of dns-primary' })
  const known = outputs.getByText(/changed: dns-primary 1\.4\.1 → 1\.5\.0/)
  const places = () =>
    outputs
      .getByRole('link')
      .evaluateAll((links) => links.map((link) => link.getBoundingClientRect().toJSON()))
  for (const viewport of screens) {
    await page.setViewportSize(viewport)
    await expect(known).toHaveCount(0)
  }
  const before = await places()
  answer()
  await expect(known).toBeVisible()
  expect(await places()).toEqual(before)
  await expectFit(page)
})

test('builds of a job are filtered by verdict', async ({ page }) => {
  await page.goto('/job/zone-tool?view=builds')
  const table = page.getByRole('table', { name: 'Builds of zone-tool' })
  await expect(table).toBeVisible()
  await page.getByLabel('Repeated', { exact: true }).selectOption('disputed')
  await expect(page).toHaveURL(/verdict=disputed/)
  await expect(table.getByText('Not repeated yet')).toHaveCount(0)
  await expect(table.getByText('Disputed', { exact: true })).toHaveCount(6)
  await page.getByLabel('Repeated', { exact: true }).selectOption('not reproducible here')
  await expect(page).toHaveURL(/verdict=not-reproducible/)
  await expect(table.getByText('Disputed', { exact: true })).toHaveCount(6)
})
