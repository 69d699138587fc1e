import { TOTP } from 'otpauth'
import { expect, expectFit, expectLoaded, test } from './browser.ts'

/** The administrator of the site, see site.ts. */
const root = { name: 'root', password: 'secret secret' }

const administration = [
  ['Overview', '/admin'],
  ['Users', '/admin/users'],
  ['root', '/admin/users/root'],
  ['Tokens', '/admin/tokens'],
  ['Sessions', '/admin/sessions'],
  ['Jobs', '/admin/jobs'],
  ['Hooks', '/admin/hooks'],
  ['Run of a hook', '/admin/hooks/1'],
  ['Webhooks', '/admin/webhooks'],
  ['Package repositories', '/admin/repositories'],
  ['Tasks', '/admin/tasks'],
  ['Retention', '/admin/retention'],
  ['Audit log', '/admin/audit'],
  ['Configuration', '/admin/configuration'],
] as const

test('an administrator signs in, sets up a second factor, sees the administration and signs out', async ({
  page,
  request,
}) => {
  const heading = (name: string) => page.getByRole('heading', { level: 1, name, exact: true })
  const code = page.getByRole('textbox', { name: 'Code' })

  await page.goto('/admin/users')
  await expect(heading('Sign in as an administrator')).toBeVisible()
  await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Name').fill(root.name)
  await page.getByLabel('Password').fill('wrong')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('alert')).toHaveText('Wrong name or password.')
  await expectFit(page)
  await page.getByLabel('Password').fill(root.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(heading('Users')).toBeVisible()
  await expect(page.getByRole('link', { name: 'alice' })).toHaveAttribute('href', '/admin/users/alice')

  for (const [name, path] of administration) {
    await page.goto(path)
    await expect(heading(name)).toBeVisible()
    await expectFit(page)
  }

  await page.goto('/admin/users/alice')
  await page.getByRole('button', { name: 'Change address' }).click()
  const address = page.getByRole('dialog', { name: 'Where notifications of alice go' })
  await address.getByLabel('E-mail address').fill('alice@example.org')
  await address.getByRole('button', { name: 'Change address' }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'alice@example.org' })).toBeVisible()
  await page.getByRole('button', { name: 'Change address' }).click()
  await address.getByLabel('E-mail address').fill('')
  await address.getByRole('button', { name: 'Change address' }).click()
  await expect(page.getByRole('definition').filter({ hasText: 'nowhere' })).toBeVisible()

  await page.goto('/admin')
  await expect(page.getByRole('table', { name: 'Mails that could not be delivered' })).toContainText(
    /alice@nowhere\.example.*address refused 550 5\.1\.1/,
  )
  await expect(page.getByText(/^\d+ other queues are empty\.$/)).toBeVisible()
  await page.getByRole('table', { name: 'Queues' }).getByRole('link', { name: 'Remove old events' }).click()
  await expect(heading('Tasks')).toBeVisible()

  await page.goto('/admin/hooks')
  await expect(page.getByRole('table', { name: 'Hooks', exact: true })).toContainText(
    'upload-hooks/catalogue.sh',
  )
  await page.getByLabel('State').selectOption('failed')
  await page
    .getByRole('table', { name: 'Runs of hooks' })
    .getByRole('link', { name: 'sign.sh' })
    .nth(1)
    .click()
  await expect(page.getByRole('region', { name: 'Output' })).toContainText(
    'signer.example.org: host not found',
  )
  await page.getByRole('button', { name: 'Run it again' }).click()
  await expect(page.getByRole('main')).toContainText('2 attempts')
  await page.getByRole('definition').getByRole('link').nth(1).click()
  await expect(page.getByRole('heading', { name: 'Hooks' })).toBeVisible()
  await expect(page.getByRole('table', { name: 'Runs of hooks' })).toContainText('it exited with status 1')

  await page.goto('/admin/repositories')
  await expect(page.getByRole('heading', { level: 2, name: 'apt/debian-12' })).toBeVisible()
  await page.getByRole('button', { name: 'Publish all anew' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Publish all anew' }).click()
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await page.goto('/admin/webhooks')
  await page.getByRole('button', { name: 'Add webhook' }).click()
  await page.getByLabel('Address', { exact: true }).fill('http://127.0.0.1:9/hook')
  await page.getByLabel('Types of events').fill('build.failed')
  await page.getByRole('dialog').getByRole('button', { name: 'Add webhook' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'whsec_' })).toBeVisible()
  await expectFit(page)
  await page
    .getByRole('button', { name: /^Test webhook/ })
    .last()
    .click()
  const refused = page.getByRole('row', { name: /test.ping .*--webhook-allow/ })
  await expect(async () => {
    await page.reload()
    await expectLoaded(page)
    await expect(refused).toBeVisible({ timeout: 1_000 })
  }).toPass()
  await expectFit(page)
  await refused.getByRole('link', { name: 'test.ping' }).click()
  await expect(heading('Delivery')).toBeVisible()
  // On a busy machine it has been tried again meanwhile.
  const sent = page.getByRole('region', { name: 'Request' }).first()
  await expect(sent).toContainText('POST http://127.0.0.1:9/hook')
  await expect(sent).toContainText('webhook-signature: v1,')
  await expect(page.getByRole('region', { name: 'Body' })).toContainText('"type": "test.ping"')
  await expectFit(page)

  const elsewhere = (data: object) => request.post('/graphql', { data })
  const query = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }'
  await elsewhere({ query, variables: { input: root } })
  await page.getByRole('button', { name: 'Signed in as root' }).click()
  await page.getByRole('link', { name: 'Account' }).click()
  await expect(heading('Account')).toBeVisible()
  await expect(page.getByText('this browser', { exact: true })).toBeVisible()
  const end = page.getByRole('button', { name: 'Sign out unknown program' })
  // It ends while the browser asks for its end.
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes('RevokeSession'))
      await elsewhere({ query: 'mutation { signOut { __typename } }' })
    await route.continue()
  })
  await end.click()
  await expect(page.getByRole('alert')).toHaveText('There is no such session: it may have ended already.')
  await expect(end).toBeHidden()
  await page.unroute('**/graphql')

  await page.getByRole('button', { name: 'Create token' }).click()
  await page.getByLabel('What it is for').fill('builder at home')
  await page.getByRole('dialog').getByRole('button', { name: 'Create token' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'bhub_' })).toBeVisible()
  const row = page.getByRole('row', { name: /builder at home/ })
  await expect(row).toContainText('upload:*')
  await expectFit(page)
  await row.getByRole('button', { name: /^Revoke/ }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
  await expect(row).toBeHidden()

  await page.getByRole('button', { name: 'Turn it on' }).click()
  await expect(page.getByRole('img', { name: /^QR code/ })).toBeVisible()
  await expectFit(page)
  const secret = await page.getByRole('main').locator('form code').innerText()
  await code.fill(new TOTP({ secret }).generate())
  await page.getByRole('button', { name: 'Turn it on' }).click()
  const codes = page.getByRole('status').getByRole('listitem')
  await expect(codes).toHaveCount(10)
  await expectFit(page)
  const recoveryCode = (await codes.first().textContent()) ?? ''

  await page.getByRole('button', { name: 'Signed in as root' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).last().click()
  await page.getByRole('link', { name: 'Sign in' }).click()
  await page.getByLabel('Name').fill(root.name)
  await page.getByLabel('Password').fill(root.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(code).toBeFocused()
  await code.fill(recoveryCode)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Signed in as root' }).click()
  await page.getByRole('button', { name: 'Sign out', exact: true }).click()
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible()
})
