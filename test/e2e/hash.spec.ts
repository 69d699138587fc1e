import { createHash } from 'node:crypto'
import { askGraphQL, expect, expectFit, test } from './browser.ts'

const query = `{ builds(first: 1, filter: { job: "dns-primary", verdict: REPRODUCED }) {
  nodes { resourcePath reproducibility { grade { words } } mainBinary { sha256 path url } } } }`
type Found = {
  builds: {
    nodes: {
      resourcePath: string
      reproducibility: { grade: { words: string } }
      mainBinary: { sha256: string; path: string; url: string }
    }[]
  }
}

test('a hash leads to what is known of the file, and a visitor checks his copy there', async ({
  page,
  request,
}) => {
  const [build] = (await askGraphQL<Found>(request, query)).builds.nodes
  if (!build) throw new Error('there is no reproduced build')
  const { sha256, path, url } = build.mainBinary
  const { words } = build.reproducibility.grade
  await page.goto(build.resourcePath)
  await page.getByRole('link', { name: sha256 }).first().click()
  await expect(page).toHaveURL(`/sha256/${sha256}`)
  await expect(page.getByText(words)).toBeVisible()
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(path.split('/').at(-1) ?? '')
  const table = page.getByRole('table', { name: 'Who made it' })
  await expect(table.getByRole('link', { name: 'dns-primary' }).first()).toBeVisible()
  await expect(
    page.getByRole('table', { name: 'What is signed' }).getByText('a build made this file').first(),
  ).toBeVisible()
  const body = await (await request.get(new URL(url).pathname)).body()
  expect(createHash('sha256').update(body).digest('hex')).toBe(sha256)
  await page.getByLabel('File to check').setInputFiles({ name: 'mine.hvt', mimeType: '', buffer: body })
  await expect(page.getByText('mine.hvt: this site has signed this file.')).toBeVisible()
  await expectFit(page)
})

test('first digits, and a line of sha256sum, lead to the file', async ({ page, request }) => {
  const [build] = (await askGraphQL<Found>(request, query)).builds.nodes
  const sha256 = build?.mainBinary.sha256 ?? ''
  for (const text of [sha256.slice(0, 20), `${sha256}  dns.hvt`]) {
    await page.goto('/search')
    await page.getByRole('combobox', { name: /Search jobs/ }).fill(text)
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(`/sha256/${sha256}`)
  }
})
