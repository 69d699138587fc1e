import { join } from 'node:path'
import { expect, test } from 'vitest'
import { aptClient } from './apt-client.ts'
import { debianPackage } from './debian-package.ts'
import { repositorySite, sourcesOf } from './repository-site.ts'

const toml = '[apt.debian-12]\n'

async function textOf(url: string): Promise<string> {
  const response = await fetch(url)
  expect(response.status, url).toBe(200)
  return response.text()
}

test(
  'apt updates, installs, upgrades, and refuses a downgrade and another key',
  { timeout: 120_000 },
  async () => {
    const { app, uploadPackage, published } = await repositorySite(toml)
    await uploadPackage(debianPackage({ version: '1.0' }))
    await uploadPackage(
      debianPackage({ name: 'docs', version: '1.0', architecture: 'all', compression: 'zstd' }),
    )
    await uploadPackage(
      debianPackage({ name: 'other', version: '1.0', architecture: 'arm64', compression: 'gzip' }),
    )
    await published('apt/debian-12', 3)
    const apt = aptClient()
    apt.trust(await textOf(`${app.url}/apt/debian-12/key.asc`))
    apt.setSources(sourcesOf(app.url, join(apt.root, 'key.asc')))

    expect(await apt.run('update')).toMatchObject({ status: 0 })
    const installed = await apt.run('install', 'hello', 'docs')
    expect(installed).toMatchObject({ status: 0 })
    expect(apt.read('usr/bin/hello')).toContain('hello 1.0')
    expect(await apt.run('install', 'other')).toMatchObject({ status: 100 })

    await uploadPackage(debianPackage({ version: '1.1', compression: 'none' }))
    await published('apt/debian-12', 4)
    expect(await apt.run('update')).toMatchObject({ status: 0 })
    expect(await apt.run('upgrade')).toMatchObject({ status: 0 })
    expect(apt.read('usr/bin/hello')).toContain('hello 1.1')
    const downgrade = await apt.run('install', 'hello=1.0')
    expect(downgrade.status).toBe(100)
    expect(downgrade.output).toContain('downgraded')
  },
)
