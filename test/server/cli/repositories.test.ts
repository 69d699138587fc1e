import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDir } from '../../app.ts'
import { hub } from '../../hub.ts'

test('the command line shows repositories, asks for a rebuild, and rotates the keys', async () => {
  const dataDir = temporaryDir()
  const file = join(dataDir, 'repositories.toml')
  writeFileSync(file, '[apt.debian-12]\n')
  const run = (...args: string[]) =>
    hub(['repositories', ...args, '--data-dir', dataDir], { env: { BUILDER_HUB_REPOSITORIES_FILE: file } })
  await hub(['user', 'add', 'alice', '--data-dir', dataDir], { input: 'secret\n' })

  expect(await run('list')).toMatchObject({ status: 0, stdout: 'no repository is published\n' })
  expect((await run('show', 'apt/debian-12')).stderr).toContain('there is no repository apt/debian-12')
  expect((await run('key')).stderr).toContain('there is no key yet')
  expect(await run('rebuild')).toMatchObject({ status: 0 })
  expect((await run('rotate-key')).stdout.match(/^OpenPGP key /gm)).toHaveLength(2)
  expect((await run('rotate-key')).stderr).toContain('there is a new key already')
  expect((await run('key')).stdout).toContain('BEGIN PGP PUBLIC KEY BLOCK')
  expect((await run('rotate-key', '--finish')).stdout.match(/^OpenPGP key /gm)).toHaveLength(1)
})
