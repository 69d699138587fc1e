import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { byServer } from '../../../server/audit/actor.ts'
import { publicHalf } from '../../../server/formats/signing/keys.ts'
import { layoutOf, printMetadata } from '../../../server/formats/signing/link.ts'
import { siteKeys } from '../../../server/signing/site-keys.ts'
import { addUser } from '../../../server/users/add-user.ts'
import { basicAuth, bytesOf, temporaryDir } from '../../app.ts'
import { encodeExecRecord } from '../../../server/formats/exec-record-encoder.ts'
import { isInstalled } from '../../programs.ts'
import { file, sampleRecord } from '../../record.ts'
import { aptClient } from '../repositories/apt-client.ts'
import { debianPackage } from '../repositories/debian-package.ts'
import { repositorySite, type RepositorySite } from '../repositories/repository-site.ts'

const canRun = existsSync('/usr/lib/apt/methods/intoto') && isInstalled('apt-get', 'gpg', 'in-toto-sign')
const bob = { name: 'bob', password: 'a long secret of bob' }

/** A site where two users have built the same package: a rebuilder that votes for it. */
async function rebuilder(deb: Buffer): Promise<RepositorySite> {
  const site = await repositorySite('[apt.debian-12]\n', { env: { BUILDER_HUB_SIGNING: 'on' } })
  const { app } = site
  await addUser(app.deps.writer, byServer(), { ...bob, unrestricted: true })
  const inputs = ['opam-switch', 'build-environment', 'system-packages'].map((name) => file(name, ''))
  const artifacts = [file('bin/hello.deb', deb), ...inputs]
  const startedAt = new Date('2026-11-01T10:00:00Z')
  expect((await app.upload(sampleRecord({ artifacts, startedAt }))).status).toBe(201)
  const later = sampleRecord({ artifacts, startedAt: new Date('2026-11-02T10:00:00Z') })
  const sent = await fetch(`${app.url}/upload`, {
    method: 'POST',
    headers: { Authorization: basicAuth(bob) },
    body: await bytesOf(encodeExecRecord(later)),
  })
  expect(sent.status).toBe(201)
  await vi.waitFor(
    async () => expect((await fetch(`${app.url}/sources/hello/0.2.0-1/metadata`)).status).toBe(200),
    { timeout: 60_000, interval: 50 },
  )
  return site
}

/** A GPG key of its own, and a layout that it has signed: two of the rebuilders' keys have to vote. */
async function signedLayout(sites: readonly RepositorySite[]) {
  const home = temporaryDir()
  const gpg = (...args: string[]) =>
    execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', ...args], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
  gpg('--passphrase', '', '--quick-generate-key', 'operator@example.org', 'rsa2048', 'sign', 'never')
  const [, keyId = ''] = /^fpr:+([0-9A-F]{40}):/m.exec(gpg('--list-keys', '--with-colons')) ?? []
  const keys = await Promise.all(
    sites.map(async ({ app }) => {
      const own = await siteKeys(app.deps, new Date())
      if (!own) throw new Error('the site signs nothing')
      return publicHalf(own.ATTEST.privateKey)
    }),
  )
  const layout = layoutOf({
    file: 'hello_0.2.0-1_amd64.deb',
    expires: '2056-01-01T00:00:00Z',
    threshold: 2,
    keys,
  })
  const path = join(home, 'root.layout')
  writeFileSync(path, printMetadata({ signatures: [], signed: layout }))
  execFileSync('in-toto-sign', ['-f', path, '-o', path, '--gpg', keyId, '--gpg-home', home], {
    stdio: 'pipe',
  })
  return { home, keyId, path }
}

test.skipIf(!canRun)(
  "Debian's apt-transport-in-toto installs a package that two hubs have rebuilt, and none with one vote or another byte",
  { timeout: 240_000 },
  async () => {
    const deb = debianPackage({ version: '0.2.0-1' })
    const sites = [await rebuilder(deb), await rebuilder(deb)] as const
    const [{ app, published }, other] = sites
    await published('apt/debian-12', 1)
    /** What apt says when it asks these rebuilders. */
    const install = async (
      rebuilders: readonly string[],
      { home, keyId, path }: Awaited<ReturnType<typeof signedLayout>>,
    ) => {
      const apt = aptClient()
      apt.trust(await (await fetch(`${app.url}/apt/debian-12/key.asc`)).text())
      mkdirSync(join(apt.root, 'parts'))
      const config = [
        `Dir::Etc::parts "${apt.root}/parts";`,
        ...rebuilders.map((url) => `APT::Intoto::Rebuilders:: "${url}";`),
        `APT::Intoto::Layout:: "${path}";`,
        `APT::Intoto::Keyids:: "${keyId}";`,
        `APT::Intoto::GPGHomedir:: "${home}";`,
      ]
      appendFileSync(join(apt.root, 'apt.conf'), `${config.join('\n')}\n`)
      const uri = `${app.url}/apt/debian-12`.replace(/^http:/, 'intoto:')
      apt.setSources(
        `Types: deb\nURIs: ${uri}\nSuites: debian-12\nComponents: main\nSigned-By: ${apt.root}/key.asc\n`,
      )
      const updated = await apt.run('update')
      expect(updated, updated.output).toMatchObject({ status: 0 })
      const { status, output } = await apt.run('install', 'hello')
      return { status, output, isInstalled: existsSync(join(apt.root, 'usr/bin/hello')) }
    }

    const layout = await signedLayout(sites)
    const good = await install([app.url, other.app.url], layout)
    expect(good, good.output).toMatchObject({ status: 0, isInstalled: true })

    const single = await install([app.url], layout)
    expect(single, single.output).toMatchObject({ status: 100, isInstalled: false })
    expect(single.output).toContain('In-toto verification')

    // The second hub has rebuilt another file of that name and version.
    const changed = await rebuilder(debianPackage({ version: '0.2.0-1', says: 'something else' }))
    const disputed = await install([app.url, changed.app.url], await signedLayout([sites[0], changed]))
    expect(disputed, disputed.output).toMatchObject({ status: 100, isInstalled: false })
  },
)
