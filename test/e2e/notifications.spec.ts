import { expect, expectFit, test } from './browser.ts'

test('a user subscribes to a job on its page, and chooses the rest on the account page', async ({ page }) => {
  await page.goto('/login?next=/job/dns-primary')
  await page.getByLabel('Name').fill('alice')
  await page.getByLabel('Password').fill('secret')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('button', { name: 'Subscribe', exact: true }).click()
  await expect(page.getByRole('button', { name: 'Unsubscribe' })).toBeVisible()
  await expectFit(page)
  await page.getByRole('link', { name: 'First confirm an address.' }).click()

  const subscriptions = page.getByRole('list', { name: 'Subscriptions' })
  await expect(subscriptions.getByRole('listitem')).toContainText('newly failing, fixed')
  const address = page.getByRole('form', { name: 'Address for notifications' })
  await address.getByLabel('E-mail address').fill('alice@example')
  await address.getByRole('button', { name: 'Save the address' }).click()
  await expect(address.getByRole('alert')).toContainText('This is no e-mail address')
  await address.getByLabel('E-mail address').fill('alice@example.org')
  await address.getByRole('button', { name: 'Save the address' }).click()
  await expect(page.getByText('alice@example.org not confirmed')).toBeVisible()
  await expect(address.getByRole('status')).toContainText('Open the mail')

  const more = page.getByRole('form', { name: 'New subscription' })
  await more.getByLabel('Jobs').fill('mirage-*, dns')
  await more.getByLabel('repeated', { exact: true }).check()
  await more.getByLabel('Mails come').selectOption('once a day')
  await more.getByRole('button', { name: 'Subscribe' }).click()
  await expect(subscriptions.getByRole('listitem').nth(1)).toContainText(
    /mirage-\*, dns.*repeated, known issue in its packages; once a day/,
  )
  await page.getByRole('button', { name: 'Change mirage-*, dns', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Change a subscription' })
  await expect(dialog.getByLabel('repeated', { exact: true })).toBeChecked()
  await dialog.getByLabel('Platforms').fill('debian-12')
  await dialog.getByLabel('Mails come').selectOption('once an hour')
  await expectFit(page)
  await dialog.getByRole('button', { name: 'Change', exact: true }).click()
  await expect(subscriptions.getByRole('listitem').nth(1)).toContainText(
    /mirage-\*, dns on debian-12.*repeated, known issue in its packages; once an hour/,
  )
  const quiet = page.getByRole('form', { name: 'Quiet hours' })
  await quiet.getByLabel('From').fill('22:00')
  await quiet.getByLabel('Until').fill('07:30')
  await quiet.getByLabel('Time zone').fill('Europe/Berlin')
  await quiet.getByRole('button', { name: 'Save the quiet hours' }).click()
  await expect(quiet.getByRole('status')).toHaveText('The quiet hours are saved.')
  await expect(quiet.getByLabel('Until')).toHaveValue('07:30')
  await expectFit(page)

  await page.goto('/account?confirm-email=wrong#notifications')
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await expect(page.getByRole('alert').filter({ hasText: 'this is no confirmation for you' })).toBeVisible()
  await expect(quiet.getByLabel('From')).toHaveValue('22:00')
  for (const job of ['mirage-*, dns', 'dns-primary']) {
    await page.getByRole('button', { name: `Unsubscribe ${job}`, exact: true }).click()
    await expect(page.getByRole('button', { name: `Unsubscribe ${job}`, exact: true })).toBeHidden()
  }
  await page.getByRole('button', { name: 'Remove the address' }).click()
  await expect(page.getByText('Nothing is sent: there is no address.')).toBeVisible()
})
