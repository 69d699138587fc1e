import { expect, test } from 'vitest'
import { alice } from '../../app.ts'
import { makeDataDir } from '../../durability/data-dir.ts'
import { hub } from '../../hub.ts'
import { mailServer } from './mail-server.ts'

test('hub notifications shows addresses and mails, and sends a mail', async () => {
  const smtp = await mailServer()
  // It has alice.
  const dataDir = makeDataDir()
  const run = (...args: string[]) => hub([...args, '--data-dir', dataDir])
  expect((await run('user', 'update', alice.name, '--email', 'nobody')).stderr).toContain('no e-mail address')
  expect((await run('user', 'update', alice.name, '--email', 'alice@example.org')).stdout).toBe(
    'notifications of user alice go to alice@example.org\n',
  )
  expect((await run('notifications', 'list')).stdout).toBe('alice: alice@example.org\n')
  expect((await run('notifications', 'mails')).stdout).toBe('')
  expect((await run('notifications', 'test', alice.name)).stderr).toContain('set --smtp-url')
  const settings = ['--smtp-url', smtp.url, '--mail-from', 'hub@example.org']
  const site = ['--public-url', 'https://hub.example.org']
  const sent = await run('notifications', 'test', alice.name, ...settings, ...site)
  expect(sent.stdout).toMatch(/^the mail server has taken the mail to alice@example.org: 250 /)
  expect(smtp.subjects()).toEqual(['Notifications arrive'])
  await run('user', 'update', alice.name, '--email', '')
  expect((await run('notifications', 'list')).stdout).toBe('')
})
