import { createHash } from 'node:crypto'
import { askGraphQL, expect, expectFit, test } from './browser.ts'

const query = `{ builds(first: 1, filter: { job: "dns-primary", verdict: REPRODUCED }) {
  nodes { resourcePath mainBinary { url } attestations { keyId kind } } } }`
type Found = {
  builds: {
    nodes: {
      resourcePath: string
      mainBinary: { url: string }
      attestations: { keyId: string; kind: string }[]
    }[]
  }
}

test('a visitor checks a download in the browser, and finds a changed byte', async ({ page, request }) => {
  const [build] = (await askGraphQL<Found>(request, query)).builds.nodes
  if (!build) throw new Error('there is no reproduced build')
  const buffer = await (await request.get(new URL(build.mainBinary.url).pathname)).body()
  const sha256 = createHash('sha256').update(buffer).digest('hex')
  const keyId = build.attestations[0]?.keyId ?? ''
  await page.goto(build.resourcePath)
  await expect(page.getByText('Signed by this site.')).toBeVisible()
  await page.getByRole('button', { name: 'Check it yourself' }).click()
  const dialog = page.getByRole('dialog', { name: 'Check a file yourself' })
  const give = (bytes: Buffer) =>
    dialog.getByLabel('File to check').setInputFiles({ name: 'dns.hvt', mimeType: '', buffer: bytes })

  await give(buffer)
  await expect(dialog.getByText('dns.hvt: this site has signed this file.')).toBeVisible()
  await expect(dialog.getByText(`Your file has the SHA-256 ${sha256}.`)).toBeVisible()
  await expect(dialog.getByText(`Signed by the key ${keyId}. You have no key saved`)).toBeVisible()
  await expect(
    dialog.getByText(/^Builder u-[0-9a-f]{8} made it in the job dns-primary on debian-1/).first(),
  ).toBeVisible()

  await dialog.getByRole('button', { name: 'Save this key for the next time' }).click()
  await give(buffer)
  await expect(dialog.getByText(`Signed by the key that you have saved, ${keyId}.`)).toBeVisible()

  buffer[100] = (buffer[100] ?? 0) ^ 1
  await give(buffer)
  await expect(dialog.getByText('dns.hvt: this file is not confirmed.')).toBeVisible()
  await expect(dialog.getByText('This site has signed nothing about this content.')).toBeVisible()

  await dialog.getByText(/^Saved key: /).click()
  await dialog.getByLabel('Key id that you expect').fill('ab'.repeat(32))
  await dialog.getByRole('button', { name: 'Save', exact: true }).click()
  buffer[100] = (buffer[100] ?? 0) ^ 1
  await give(buffer)
  await expect(dialog.getByText(/Either the site has a new key .* or this is another site/)).toBeVisible()

  await dialog.getByText(/^openssl /).click()
  await expect(dialog.getByRole('region', { name: 'Commands for openssl' })).toContainText(keyId)
  await expectFit(page)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(dialog).toBeHidden()
})

test('the page of keys has each key in the form of each program', async ({ page }) => {
  await page.goto('/keys')
  const attest = page.getByRole('region', { name: 'Statements and checksums' })
  await expect(attest.getByText('-----BEGIN PUBLIC KEY-----')).toBeVisible()
  await expect(attest.getByText(/^RW[\w+/]{54}$/)).toBeVisible()
  await expect(attest.getByText(/^ssh-ed25519 AAAA/)).toBeVisible()
  await expect(
    page.getByRole('region', { name: 'Log' }).getByText(/^[\w.:]+\/log\+[0-9a-f]{8}\+/),
  ).toBeVisible()
  await expect(
    page.getByRole('region', { name: 'Package repositories' }).getByText('apt/debian-12'),
  ).toBeVisible()
  await expectFit(page)
})

test('the page of the log says what it is for, and has its newest entries', async ({ page }) => {
  await page.goto('/log')
  await expect(page.getByRole('heading', { name: 'Log', level: 1 })).toBeVisible()
  await expect(page.getByText('Entries are only added.')).toBeVisible()
  await expect(page.getByText(/^[\w.:]+\/log$/)).toBeVisible()
  const entries = page.getByRole('table', { name: 'Newest entries' })
  await expect(entries.getByRole('row')).not.toHaveCount(1)
  await expect(page.getByText('No other site watches this log yet.')).toBeVisible()
  await expectFit(page)
})

test('a visitor sees how to rebuild, and the whole script', async ({ page, request }) => {
  const [build] = (await askGraphQL<Found>(request, query)).builds.nodes
  if (!build) throw new Error('there is no reproduced build')
  await page.goto(build.resourcePath)
  await page.getByRole('button', { name: 'Rebuild it yourself' }).click()
  const dialog = page.getByRole('dialog', { name: 'Rebuild it yourself' })
  await expect(dialog.getByRole('region', { name: 'The line' })).toContainText('rebuild.sh')
  await expect(dialog.getByRole('region', { name: 'The script', exact: true })).toContainText('#!/bin/sh')
  await expect(dialog.getByText('Your machine has made the same files, byte for byte.')).toBeVisible()
  await expectFit(page)
  await dialog.getByRole('button', { name: 'Close' }).click()
  await expect(dialog).toBeHidden()
})
