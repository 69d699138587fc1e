import { expect, expectFit, expectLoaded, test } from './browser.ts'

test('the home page names what needs attention, and each count leads to its jobs', async ({ page }) => {
  await page.goto('/')
  const problems = page.getByRole('region', { name: 'Problems' })
  const failing = problems.getByRole('listitem').filter({ hasText: 'tls-gateway on debian-13' })
  await expect(failing).toContainText(/failing since .*, 1 build: aborted: timeout/)
  await expect(problems.getByRole('listitem').filter({ hasText: 'zone-tool on debian-12' })).toContainText(
    'disputed: the same input gave another output, too',
  )
  await expect(problems.getByRole('link', { name: 'compare', exact: true }).first()).toHaveAttribute(
    'href',
    /^\/compare\//,
  )

  const strip = page.getByRole('list', { name: 'What needs attention' })
  await strip.getByRole('link', { name: /failing$/ }).click()
  await expect(page).toHaveURL('/?state=failing')
  await expect(page.getByRole('row').filter({ hasText: 'tls-gateway' })).toBeVisible()
  await expect(page.getByRole('row').filter({ hasText: 'dns-primary' })).toHaveCount(0)
  await strip.getByRole('link', { name: /failing$/ }).click()
  await expect(page).toHaveURL('/')
  await failing.getByRole('link', { name: 'last good' }).click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText('tls-gateway on debian-13')
})

test('a row tells version, size, grade and platforms; filters are the address', async ({ page }) => {
  await page.goto('/')
  const row = page.getByRole('row').filter({ hasText: 'dns-primary' })
  await expect(row).toContainText('hvt · net “service”')
  await expect(row).toContainText('1.5.0')
  await expect(row.getByRole('img', { name: /outputs: from .* to/ })).toBeVisible()
  await expect(row.getByRole('link', { name: 'Download the newest binary of dns-primary' })).toBeVisible()

  await page.getByRole('searchbox', { name: 'Filter jobs' }).fill('zone')
  await expect(page).toHaveURL('/?filter=zone')
  await expect(row).toHaveCount(1)
  await page.getByLabel('Grouped by').selectOption('platform')
  await expect(page).toHaveURL('/?filter=zone&by=platform')
  await expect(page.getByRole('heading', { name: 'freebsd-14' })).toBeVisible()
  await page.goBack()
  await expect(page.getByRole('heading', { name: 'Packages' })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter jobs' }).fill('nothing is called so')
  await page.getByRole('link', { name: 'Show all of them' }).click()
  await expect(page).toHaveURL('/')
})

test('who comes first is told what the words mean, and whose site it is', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('button', { name: 'What does that mean?' }).click()
  await expect(page.getByText(/the same file, byte for byte/)).toBeVisible()
  const footer = page.getByRole('contentinfo')
  await expect(footer.getByRole('link', { name: 'API' })).toHaveAttribute('href', '/graphql')
  await expect(footer).toContainText(/Builder Hub \d+\.\d+\.\d+/)
  await expectLoaded(page)
  await expectFit(page)
})
