import type { Page } from '@playwright/test'
import { copiedText, expect, expectAccessible, expectFit, expectLoaded, test } from './browser.ts'
import { compared, hostileName, oftenBuilt, oftenBuiltUuid } from './compare-samples.ts'
import { sized } from './size-samples.ts'

const path = (left: string, right: string) => `/compare/${left}/${right}`
const summary = (page: Page) => page.getByRole('region', { name: 'Summary' })
const part = (page: Page, title: string) => page.getByRole('region', { name: new RegExp(`^${title}`) })

/** Every state of the page, and the first words of its answer. */
const states = [
  {
    name: 'everything changed',
    path: path(compared.before, compared.after),
    says: 'Output changed: +103 KiB',
  },
  {
    name: 'nothing changed',
    path: path(compared.after, compared.afterAgain),
    says: 'Nothing changed: repeated',
  },
  {
    name: 'same output, other inputs',
    path: path(compared.after, compared.elsewhere),
    says: 'Same output from different inputs',
  },
  {
    name: 'disputed',
    path: path(compared.after, compared.drifted),
    says: 'Not reproducible: same input, another output',
  },
  {
    name: 'parts are missing',
    path: path(compared.failed, compared.after),
    says: 'Only the right build has a main binary',
  },
  { name: 'two jobs', path: path(compared.after, compared.other), says: 'The outputs differ: −190 KiB' },
  { name: 'hostile names', path: path(compared.after, compared.hostile), says: 'Output changed: −190 KiB' },
  {
    name: 'one build twice',
    path: path(compared.after, compared.after),
    says: 'One build, compared with itself',
  },
]

for (const state of states) {
  test(`${state.name}: nothing bars access, wide and narrow, light and dark`, async ({ page }) => {
    await page.goto(state.path)
    await expect(summary(page).getByText(state.says, { exact: true })).toBeVisible()
    await expectLoaded(page)
    await page.locator('main details').evaluateAll((all) => all.forEach((it) => it.setAttribute('open', '')))
    await expectFit(page)
  })
}

test('the summary counts what changed and leads to it', async ({ page }) => {
  await page.goto(path(compared.before, compared.after))
  await expect(summary(page).getByRole('listitem')).toHaveText([
    '2 packages upgraded, 1 downgraded, 1 respelled, 1 added, 1 removed, 3 vendored changed',
    '1 opam file changed',
    '4 environment variables changed',
    '3 system packages changed',
    '3 lines of the build script changed',
    '6 artifacts differ',
    'sizes not compared',
  ])
  await expect(summary(page)).toContainText('byte 0x11170 (70,000)')
  await expect(summary(page)).toContainText('6m 00s → 7m 30s')

  // Noise is folded at first; a link to it opens it.
  const gcc = part(page, 'System packages').getByText('12.2.0-3')
  await expect(gcc).toBeHidden()
  await summary(page).getByRole('link', { name: '3 system packages changed' }).click()
  await expect(gcc).toBeVisible()
  await expect(page).toHaveURL(/#system-packages$/)
})

test('an address opens the part that it names', async ({ page }) => {
  await page.goto(`${path(compared.before, compared.after)}#artifacts`)
  await expect(part(page, 'Artifacts').getByText('bin/compared')).toBeVisible()
  await page.goto(`${path(compared.before, compared.after)}#opam-file-fmt`)
  await expect(page.getByRole('region', { name: 'opam file of fmt' })).toContainText('Formats well')
})

test('packages are told with both versions, and how they relate', async ({ page }) => {
  await page.goto(path(compared.before, compared.after))
  await expect(page.getByRole('list', { name: 'Changed packages' }).getByRole('listitem')).toHaveText([
    /dns\s*7\.0\.2 → 7\.0\.3/,
    /mirage-crypto\s*1\.2\.0 → 2\.0\.0/,
    /ocaml\s*5\.2\.1 → 5\.2\.0downgraded/,
    /cstruct\s*6\.2\.0 → 6\.02\.0the same version/,
    /kdf\s*∅absent → 1\.0\.0added/,
    /old-friend\s*0\.9 → ∅absentremoved/,
    /tls\s*1\.0\.0 → 1\.0\.1vendored/,
    /new\s*∅absent → .*new-2\.0\.tbzvendored, added/,
    /gone\s*.*gone-1\.0\.tbz → ∅absentvendored, removed/,
  ])
})

test('parts without changes are one line, and missing ones tell why', async ({ page }) => {
  await page.goto(path(compared.failed, compared.after))
  await expect(part(page, 'Environment')).toContainText(
    'not compared · left: the build has no artifact build-environment',
  )
  await expect(page.getByText(/^Unchanged: .*build script/)).toBeVisible()
  await expect(part(page, 'Build script')).toHaveCount(0)
  await expect(page.getByText('The left build is the newer one')).toBeVisible()
})

test('an output that nothing explains is told with what to do next', async ({ page }) => {
  await page.goto(path(compared.after, compared.drifted))
  const steps = page.getByRole('region', { name: 'What to do next' })
  await expect(steps).toContainText('the bytes from 0x11170')
  const downloads = page.waitForEvent('download')
  await steps.getByRole('link', { name: 'Right binary' }).click()
  expect((await downloads).suggestedFilename()).toMatch(/^compared$|^[0-9a-f]{12}-compared$/)
})

test('why an output differs is told in words, then as a tree that unfolds by the keyboard', async ({
  page,
}) => {
  await page.goto(path(compared.after, compared.drifted))
  const why = part(page, 'Why it differs')
  await expect(why).toContainText('The cause is unknown. The first difference is in bin/compared.')
  const bytes = why.getByRole('region', { name: 'Bytes of bin/compared at byte 0x11170' })
  await expect(bytes.getByRole('deletion').nth(1)).toContainText('62 62 62 62')
  await expect(bytes.getByRole('insertion').nth(1)).toContainText('63 63 63 63')
  await why.locator('summary').last().focus()
  await page.keyboard.press('Enter')
  await expect(bytes).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(bytes).toBeVisible()
})

test('why outputs of other inputs differ is asked for when the part is opened', async ({ page }) => {
  await page.goto(path(compared.before, compared.after))
  const why = part(page, 'Why it differs')
  await expect(why.getByText('Where it differs')).toHaveCount(0)
  await why.locator('summary').first().click()
  await expect(why.getByRole('list', { name: 'Differences' })).toBeVisible()
  await expectAccessible(page)
})

test('the filter goes over all parts, lives in the address, and opens what it finds', async ({ page }) => {
  await page.goto(path(compared.before, compared.after))
  await page.getByRole('searchbox', { name: 'Filter the changes' }).fill('GCC')
  await expect(page).toHaveURL(/\?filter=GCC$/)
  await expect(page.getByRole('heading', { name: 'System packages 1 of 3' })).toBeVisible()
  await expect(part(page, 'System packages').getByText('12.2.0-3')).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Packages 0 of 9' })).toBeVisible()
  await page.reload()
  await expect(page.getByRole('heading', { name: 'System packages 1 of 3' })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter the changes' }).fill('')
  await expect(page.getByRole('heading', { name: 'System packages 3' })).toBeVisible()
  await expect(part(page, 'System packages').getByText('12.2.0-3')).toBeHidden()
})

test('texts are shown unified or split, as chosen last, and unified where there is no room', async ({
  page,
}) => {
  await page.goto(path(compared.before, compared.after))
  const script = page.getByRole('region', { name: 'Build script', exact: true }).last()
  await expect(script).toHaveAttribute('data-view', 'unified')
  await expect(script.getByRole('deletion')).toHaveText(['make all'])
  await expect(script.getByRole('insertion')).toHaveText(['make all check', 'make doc'])
  await page.getByRole('button', { name: 'Split' }).click()
  await expect(page).toHaveURL(/\?diff=split$/)
  await expect(script).toHaveAttribute('data-view', 'split')
  await page.goto(path(compared.before, compared.after))
  await expect(script).toHaveAttribute('data-view', 'split')
  await page.setViewportSize({ width: 360, height: 740 })
  await expect(script).toHaveAttribute('data-view', 'unified')
})

test('a text is copied as a unified diff', async ({ page }) => {
  await page.goto(path(compared.before, compared.after))
  const button = page.getByRole('button', { name: 'Copy Build script as unified diff' })
  expect(await copiedText(page, () => button.click())).toMatch(
    /^--- left\/script\n\+\+\+ right\/script\n@@ -3,5 \+3,6 @@\n \n opam init\n/,
  )
})

test('swapping the sides turns the comparison around, and back undoes it', async ({ page }) => {
  await page.goto(`${path(compared.before, compared.after)}?filter=dns`)
  await page.getByRole('link', { name: 'Swap sides' }).click()
  await expect(page).toHaveURL(`${path(compared.after, compared.before)}?filter=dns`)
  await expect(summary(page)).toContainText('Output changed: −103 KiB')
  await expect(page.getByRole('main')).toBeFocused()
  await page.goBack()
  await expect(summary(page)).toContainText('Output changed: +103 KiB')
})

test('j and k go from part to part, Enter opens and closes one', async ({ page }) => {
  await page.goto(path(compared.after, compared.drifted))
  const artifacts = part(page, 'Artifacts')
  await expect(artifacts.getByText('bin/compared')).toBeVisible()
  await expectLoaded(page)
  // Why it differs comes first.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect(artifacts.getByText('bin/compared')).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(artifacts.getByText('bin/compared')).toBeVisible()
})

test('two jobs are compared, and long lists are there', async ({ page }) => {
  await page.goto(`${path(compared.after, compared.many)}#system-packages`)
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(
    'What is different between compared and compared-too',
  )
  await expect(page.getByRole('list', { name: 'System packages' }).getByRole('listitem')).toHaveCount(1_504)
})

test('hostile names and texts are text, and what cannot be seen is spelled out', async ({ page }) => {
  await page.goto(`${path(compared.after, compared.hostile)}#environment`)
  await expect(part(page, 'Environment').getByText(hostileName)).toBeVisible()
  await expect(part(page, 'Environment')).toContainText('U+202Edenwo')
  await expect(page.locator('main img, main script')).toHaveCount(0)
  await expect(page).not.toHaveTitle('owned')
})

test.describe(() => {
  test.use({ allowedErrors: /status of 404/ })
  test('what is no build cannot be compared, and the status says so', async ({ page }) => {
    for (const unknown of [path(compared.before, '00000000-0000-4000-8000-000000000000'), '/compare/a/b']) {
      expect((await page.goto(unknown))?.status()).toBe(404)
      await expect(page.getByRole('heading', { level: 1, name: 'Not found' })).toBeVisible()
    }
    await expectAccessible(page)
  })
})

test.describe('the picker', () => {
  const build = `/job/compared/build/${compared.drifted}`
  const dialog = (page: Page) => page.getByRole('dialog', { name: 'Compare with which build?' })
  const openWithKey = async (page: Page, address: string) => {
    await page.goto(address)
    await expect(page.getByRole('heading', { level: 1 })).toContainText('compared')
    await expectLoaded(page)
    await page.keyboard.press('c')
    await expect(page.getByRole('dialog').getByText('7 builds')).toBeVisible()
  }

  test('opens with c, and nothing bars access, wide and narrow, light and dark', async ({ page }) => {
    await openWithKey(page, build)
    await expect(dialog(page)).toBeVisible()
    await expectFit(page)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  test('gives the focus back to what opened it', async ({ page }) => {
    await page.goto(build)
    const button = page.getByRole('button', { name: 'Compare with …' })
    await button.click()
    await dialog(page).getByRole('button', { name: 'Close' }).click()
    await expect(button).toBeFocused()
  })

  test('offers what one mostly compares with', async ({ page }) => {
    await openWithKey(page, build)
    const choices = dialog(page).getByRole('list', { name: 'Quick choices' })
    await expect(choices.getByRole('link', { name: /^Latest output, next different output/ })).toBeVisible()
    await choices.getByRole('link', { name: /^Previous different output/ }).click()
    await expect(page).toHaveURL(path(compared.afterAgain, compared.drifted))
  })

  test('searches by platform, verdict and date; the older build goes left', async ({ page }) => {
    await openWithKey(page, build)
    await dialog(page).getByLabel('Platform').selectOption('debian-13')
    await expect(dialog(page).getByText('1 build', { exact: true })).toBeVisible()
    await dialog(page).getByLabel('Verdict').selectOption('NO_OUTPUT')
    await expect(dialog(page).getByText('No build fits.')).toBeVisible()
    await dialog(page).getByRole('button', { name: 'Show all builds' }).click()
    await expect(dialog(page).getByText('7 builds')).toBeVisible()
    // `before` ran 400 hours ago, the next one 300 hours ago.
    const day = new Date(Date.now() - 350 * 3_600_000).toISOString().slice(0, 10)
    await dialog(page).getByLabel('To', { exact: true }).fill(day)
    await expect(dialog(page).getByText('1 build', { exact: true })).toBeVisible()
    await page.keyboard.press('Tab')
    await dialog(page).getByRole('listitem').last().getByRole('link').press('Enter')
    await expect(page).toHaveURL(path(compared.before, compared.drifted))
  })

  test('arrow keys go from build to build, Enter compares', async ({ page }) => {
    await openWithKey(page, path(compared.before, compared.after))
    const picker = page.getByRole('dialog', { name: 'Another build for the right side' })
    const links = picker.locator('[data-picker-row]')
    // They come by a query of their own, and stand above the list.
    await expect(picker.getByRole('list', { name: 'Quick choices' })).toBeVisible()
    await page.keyboard.press('ArrowDown')
    await expect(links.nth(0)).toBeFocused()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    await expect(links.nth(0)).toBeFocused()
    const target = await links.nth(0).getAttribute('href')
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(target ?? '')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  })

  test('brings more builds as one scrolls', async ({ page }) => {
    await page.goto(`/job/${oftenBuilt.job}/build/${oftenBuiltUuid(1)}`)
    await page.getByRole('button', { name: 'Compare with …' }).click()
    await expect(dialog(page).getByText('120 builds')).toBeVisible()
    const oldest = dialog(page).locator(`a[href*="${oftenBuiltUuid(oftenBuilt.count)}"]`)
    await expect(oldest).toHaveCount(0)
    const rows = dialog(page).locator('.picker-row')
    for (const count of [100, 120]) {
      await rows.last().scrollIntoViewIfNeeded()
      await expect(rows).toHaveCount(count)
    }
    await oldest.click()
    await expect(page).toHaveURL(path(oftenBuiltUuid(oftenBuilt.count), oftenBuiltUuid(1)))
  })

  test('takes a build of another job by its address', async ({ page }) => {
    await page.goto(path(compared.before, compared.after))
    await page.getByRole('button', { name: 'Pick other for the left side' }).click()
    const picker = page.getByRole('dialog', { name: 'Another build for the left side' })
    await picker.getByLabel('Or a build of any job').fill('nonsense')
    await page.keyboard.press('Enter')
    await expect(picker.getByRole('alert')).toContainText('There is no UUID in it')
    await picker
      .getByLabel('Or a build of any job')
      .fill(`https://builds.example/job/compared-too/build/${compared.many}/`)
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(path(compared.many, compared.after))
  })
})

test('the summary tells which module grew and which shrank most, without moving anything', async ({
  page,
}) => {
  let answer = () => {}
  const isAsked = new Promise<void>((resolve) => (answer = resolve))
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('SizePart')) await isAsked
    await route.continue()
  })
  await page.goto(path(sized.before, sized.after))
  const unknown = summary(page).getByRole('link', { name: 'size by module' })
  await expect(unknown).toHaveAttribute('href', '#size')
  const before = await summary(page).boundingBox()
  answer()
  await expect(
    summary(page).getByRole('link', { name: /^grew most: \w+ \+.* KiB; shrank most: Cache −.* KiB$/ }),
  ).toHaveAttribute('href', '#size')
  expect(await summary(page).boundingBox()).toEqual(before)
})

test('the summary of equal outputs says nothing of sizes', async ({ page }) => {
  await page.goto(path(compared.after, compared.elsewhere))
  await expect(summary(page)).toBeVisible()
  await expect(summary(page).getByRole('link', { name: /size by module|grew most/ })).toHaveCount(0)
})
