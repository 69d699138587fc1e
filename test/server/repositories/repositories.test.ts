import { createHash, createPublicKey, createVerify } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { expect, test } from 'vitest'
import { systemClock, type Clock } from '../../../server/clock.ts'
import { byServer } from '../../../server/audit/actor.ts'
import { rotateKeys, rebuildRepositories } from '../../../server/repositories/rebuild-repositories.ts'
import { reloadConfig } from '../../../server/settings/reload.ts'
import { requestPublishing } from '../../../server/repositories/request-publishing.ts'
import { repositoryKeysFile } from '../../../server/repositories/repository-keys.ts'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { judgeAllTask } from '../../../server/policy/judge-task.ts'
import { readSitePolicy } from '../../../server/policy/site-policy.ts'
import { enqueue } from '../../../server/runner/enqueue.ts'
import { collectBlobs } from '../../../server/storage/collect-blobs.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { debOf, tarOf } from '../../formats/package-files.ts'
import { alice, basicAuth, temporaryDir } from '../../app.ts'
import { isSqlite } from '../../database.ts'
import { aptClient } from './apt-client.ts'
import { repositorySite, sourcesOf, type RepositorySite } from './repository-site.ts'

const toml = '[apt.debian-12]\nkeep = 2\n'
const controlOf = (version: string, more = '') =>
  `Package: hello\nVersion: ${version}\nArchitecture: amd64\nDescription: says hello\n${more}`

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers })
  expect(response.status, url).toBe(200)
  return response.text()
}

const packagesUrl = ({ app }: RepositorySite) =>
  `${app.url}/apt/debian-12/dists/debian-12/main/binary-amd64/Packages`

/** What clients see, which depends on no engine. What reads and writes rows is tested on both. */
const onSqlite = test.runIf(isSqlite)

onSqlite(
  'the index has the newest packages, each with its place, and conditional requests, ranges and HEAD work',
  async () => {
    const site = await repositorySite(toml)
    const { app, published, uploadPackage } = site
    const packages = await Promise.all(['1', '2', '3'].map((version) => debOf(controlOf(version))))
    for (const content of packages) await uploadPackage(content)
    await published('apt/debian-12', 2)
    const index = await textOf(packagesUrl(site))
    expect([...index.matchAll(/^Version: (.*)$/gm)].map(([, version]) => version)).toEqual(['2', '3'])
    for (const [, path = '', , sha256] of index.matchAll(/^Filename: (.*)\nSize: (\d+)\nSHA256: (.*)$/gm)) {
      const response = await fetch(`${app.url}/apt/debian-12/${path}`)
      const bytes = Buffer.from(await response.arrayBuffer())
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(sha256)
      expect(response.headers.get('cache-control')).toContain('immutable')
      const part = await fetch(response.url, { headers: { Range: 'bytes=0-6' } })
      expect([part.status, await part.text()]).toEqual([206, '!<arch>'])
    }
    const release = `${app.url}/apt/debian-12/dists/debian-12/InRelease`
    const head = await fetch(release, { method: 'HEAD' })
    expect([head.status, head.headers.get('cache-control'), await head.text()]).toEqual([200, 'no-cache', ''])
    const lastModified = head.headers.get('last-modified') ?? ''
    // As apt asks. A browser's fetch would add no-cache.
    const since = { 'If-Modified-Since': lastModified, 'Cache-Control': 'max-age=0' }
    expect((await fetch(release, { headers: since })).status).toBe(304)
    expect((await fetch(`${app.url}/apt/debian-12/dists/other/InRelease`)).status).toBe(404)
    expect((await fetch(`${app.url}/apt/other/key.asc`)).status).toBe(404)
    const { mode } = statSync(repositoryKeysFile(app.deps.config.dataDir))
    expect(mode & 0o777).toBe(0o600)
  },
)

const publishingStatement = /UPDATE "QueuedTask" SET\s+"isWantedAgain" = state/

onSqlite(
  'an upload asks for a publication by one statement, and by none where there are no repositories',
  async () => {
    for (const [file, statements] of [
      ['[apt.debian-12]\n', 1],
      [null, 0],
    ] as const) {
      const { app, uploadPackage } = await repositorySite(file ?? '', {
        env: file === null ? { BUILDER_HUB_REPOSITORIES_FILE: '' } : {},
      })
      await app.deps.runner.close()
      app.takeQueries()
      await uploadPackage(await debOf())
      await uploadPackage(await debOf(), { fileName: 'hello' })
      expect(app.takeQueries().filter((sql) => publishingStatement.test(sql)).length).toBe(statements)
    }
  },
)

const dayMs = 24 * 3_600_000

onSqlite('a repository is signed again in time, and nothing else of it changes', async () => {
  let passedMs = 0
  const clock: Clock = { ...systemClock, now: () => new Date(Date.now() + passedMs) }
  const { app, published, uploadPackage } = await repositorySite(toml, { clock })
  const { db } = app.deps
  await uploadPackage(await debOf())
  await published('apt/debian-12', 1)
  const current = async () => {
    const rows = await db.repositoryFile.findMany({ where: { replacedAt: null }, orderBy: { path: 'asc' } })
    return new Map(rows.map(({ path, sha256 }) => [path, sha256]))
  }
  const before = await current()
  // Of the fourteen days for which it is signed.
  passedMs = 8 * dayMs
  await published('apt/debian-12', 1)
  const after = await current()
  const changed = [...after.keys()].filter((path) => after.get(path) !== before.get(path))
  expect(changed).toEqual(['InRelease', 'Release', 'Release.gpg'].map((name) => `dists/debian-12/${name}`))
  const { validUntil } = await db.repository.findFirstOrThrow()
  expect(validUntil?.getTime()).toBeGreaterThan(clock.now().getTime() + 13 * dayMs)
  await published('apt/debian-12', 1)
  expect(await current()).toEqual(after)
})

test('of two packages with the same version the newest is published, and the API tells of the other', async () => {
  const site = await repositorySite(toml)
  const { app, published, uploadPackage } = site
  const [old, fresh] = [await debOf(controlOf('1', 'Tag: old\n')), await debOf(controlOf('1', 'Tag: new\n'))]
  await uploadPackage(old)
  await uploadPackage(fresh)
  // It is built again, later: it is no newer package for that.
  await uploadPackage(old)
  await uploadPackage(Buffer.from('no package at all'), { job: 'broken' })
  await published('apt/debian-12', 1)
  expect(await textOf(packagesUrl(site))).toContain('Tag: new')
  const fields = `name url suite component fingerprints packageCount shadowedCount shadowed { name version sha256 by }
    unreadableCount unreadable { jobName problem } setup { title text }`
  await app.deps.runner.close()
  app.takeQueries()
  const { data } = await app.graphql(
    `{ repositories { ${fields} } repositoryPackages(repository: "apt/debian-12") { name version sha256 path }
       job(name: "hello") { repositories { name setup { title text } } } other: job(name: "broken") { repositories { name } } }`,
  )
  expect(app.takeQueries().length).toBeLessThanOrEqual(10)
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  expect(data.repositories).toMatchObject([
    {
      ...{ name: 'apt/debian-12', url: `${app.url}/apt/debian-12`, suite: 'debian-12', packageCount: 1 },
      shadowed: [{ name: 'hello', version: '1', sha256: sha256(old), by: sha256(fresh) }],
      unreadable: [{ jobName: 'broken', problem: expect.stringContaining('ar archive') }],
    },
  ])
  expect(data.repositoryPackages).toMatchObject([{ name: 'hello', version: '1', sha256: sha256(fresh) }])
  expect(data.repositories[0].setup[1].title).toBe(
    `/etc/apt/sources.list.d/${new URL(app.url).hostname}-debian-12.sources`,
  )
  expect(data.repositories[0].setup[1].text).toContain(`URIs: ${app.url}/apt/debian-12`)
  expect([data.job, data.other]).toEqual([
    {
      repositories: [
        {
          name: 'apt/debian-12',
          setup: [
            ...data.repositories[0].setup,
            { title: 'Install the package', text: 'sudo apt-get update && sudo apt-get install hello' },
          ],
        },
      ],
    },
    { repositories: [] },
  ])
})

onSqlite(
  'apt refuses another key, takes a rotated one, and finds what an index of before names',
  { timeout: 120_000 },
  async () => {
    const site = await repositorySite(toml)
    const { app, published, uploadPackage } = site
    const { config, writer } = app.deps
    await uploadPackage(await debOf(controlOf('1')))
    await published()
    const apt = aptClient()
    const keyUrl = `${app.url}/apt/debian-12/key.asc`
    apt.trust(await textOf(keyUrl))
    apt.setSources(sourcesOf(app.url, join(apt.root, 'key.asc')))
    expect(await apt.run('update')).toMatchObject({ status: 0 })

    // The old index is read, then another one is published: its files are still there.
    const before = await textOf(`${app.url}/apt/debian-12/dists/debian-12/InRelease`)
    await uploadPackage(await debOf(controlOf('2')))
    await uploadPackage(await debOf(controlOf('3')))
    await published('apt/debian-12', 2)
    expect(await textOf(`${app.url}/apt/debian-12/dists/debian-12/InRelease`)).not.toBe(before)
    const [, sha256 = ''] = /^ ([0-9a-f]{64}) +\d+ main\/binary-amd64\/Packages$/m.exec(before) ?? []
    const old = await textOf(
      `${app.url}/apt/debian-12/dists/debian-12/main/binary-amd64/by-hash/SHA256/${sha256}`,
    )
    expect(createHash('sha256').update(old).digest('hex')).toBe(sha256)
    const [, path] = /^Filename: (.*)$/m.exec(old) ?? []
    expect((await fetch(`${app.url}/apt/debian-12/${path}`)).status).toBe(200)
    // apt has the old index: it installs the package that the new one does not have.
    expect(await apt.run('install', 'hello')).toMatchObject({ status: 0 })

    const act = () => ({ actor: byServer().actor, at: new Date() })
    const both = await rotateKeys({ config, writer }, act(), false)
    expect(both.openpgp.length).toBe(2)
    await expect(rotateKeys({ config, writer }, act(), false)).rejects.toThrow('already')
    await published()
    expect(await apt.run('update')).toMatchObject({ status: 0 })
    const newKeys = await textOf(keyUrl)
    await rotateKeys({ config, writer }, act(), true)
    await published()
    const refused = await apt.run('-o', 'APT::Update::Error-Mode=any', 'update')
    expect(refused).toMatchObject({ status: 100 })
    expect(refused.output).toMatch(/NO_PUBKEY|not signed|Missing key/)
    apt.trust(newKeys)
    expect(await apt.run('-o', 'APT::Update::Error-Mode=any', 'update')).toMatchObject({ status: 0 })
  },
)

async function collectAll(deps: Parameters<typeof collectBlobs>[0]): Promise<void> {
  for await (const _step of collectBlobs(deps, { graceMs: 0 })) {
    // Each step deletes some.
  }
}

test('a removed package stays for who has read the index, then goes with its content', async () => {
  const site = await repositorySite(toml)
  const { app, published, uploadPackage } = site
  const { blobs, db, writer } = app.deps
  await uploadPackage(await debOf(controlOf('1')))
  const kept = await uploadPackage(await debOf(controlOf('2')))
  await published('apt/debian-12', 2)
  const [removed] = await db.build.findMany({ where: { uuid: { not: kept.uuid } } })
  const sha256 = removed?.mainBinarySha256 ?? ''
  const path = /^Filename: (.*)$/m.exec(await textOf(packagesUrl(site)))?.[1]
  await writer.transact(['builds'], (tx) =>
    removeBuild(tx, removed?.id as never, { reason: 'test', removedAt: new Date() }),
  )
  await published('apt/debian-12', 1)
  expect((await fetch(`${app.url}/apt/debian-12/${path}`)).status).toBe(200)
  await collectAll(app.deps)
  expect(await blobs.sizeBytes(sha256 as never)).not.toBeNull()
  await writer.transact([], async (tx) => {
    await tx.repositoryFile.updateMany({
      where: { replacedAt: { not: null } },
      data: { replacedAt: new Date(Date.now() - 25 * 3_600_000) },
    })
    await requestPublishing(tx, new Date())
  })
  await published('apt/debian-12', 1)
  expect((await fetch(`${app.url}/apt/debian-12/${path}`)).status).toBe(404)
  await collectAll(app.deps)
  expect(await blobs.sizeBytes(sha256 as never)).toBeNull()
  expect(await db.package.findMany({ select: { version: true } })).toEqual([{ version: '2' }])
})

test('a changed file adds, changes and removes repositories; a rebuild gives the same', async () => {
  const site = await repositorySite(toml)
  const { app, configFile, published, uploadPackage } = site
  const { config, writer } = app.deps
  await uploadPackage(await debOf(controlOf('1')))
  await published('apt/debian-12', 1)
  const publish = async () => writer.transact(['tasks'], (tx) => requestPublishing(tx, new Date()))
  const index = await textOf(packagesUrl(site))
  await rebuildRepositories({ config, writer }, { actor: byServer().actor, at: new Date() })
  await published('apt/debian-12', 1)
  expect(await textOf(packagesUrl(site))).toBe(index)
  writeFileSync(
    configFile,
    '[apt.reproduced]\nplatforms = ["debian-12"]\nonly-reproduced = true\nvalid-days = 0\n',
  )
  await publish()
  await published('apt/reproduced', 0)
  expect((await fetch(packagesUrl(site))).status).toBe(404)
  expect(await textOf(`${app.url}/apt/reproduced/dists/reproduced/Release`)).not.toContain('Valid-Until')
  await uploadPackage(await debOf(controlOf('1')))
  await published('apt/reproduced', 1)
  writeFileSync(configFile, 'apt = 1\n')
  await publish()
  await expect
    .poll(
      async () =>
        (await app.deps.db.queuedTask.findFirst({ where: { kind: 'PUBLISH_REPOSITORIES' } }))?.error,
    )
    .toContain('has faults')
  expect((await fetch(`${app.url}/apt/reproduced/key.gpg`)).status).toBe(200)

  // As SIGHUP reads it.
  const other = join(temporaryDir(), 'other.toml')
  writeFileSync(other, '[apt.elsewhere]\nplatforms = ["debian-12"]\n')
  const next = { ...config, repositoriesFile: other }
  expect(await reloadConfig(app.deps, next)).toEqual({ taken: ['repositoriesFile'], needsRestart: [] })
  await published('apt/elsewhere', 1)
  expect((await fetch(`${app.url}/apt/reproduced/key.gpg`)).status).toBe(404)
})

onSqlite('only-trusted publishes what the policy trusts, and nothing without a policy', async () => {
  const configDir = temporaryDir()
  const site = await repositorySite('[apt.trusted]\nplatforms = ["debian-12"]\nonly-trusted = true\n', {
    env: { BUILDER_HUB_CONFIG_DIR: configDir },
  })
  const { app, published, uploadPackage } = site
  await uploadPackage(await debOf(controlOf('1')))
  await published('apt/trusted', 0)
  const usePolicy = async (attesters: object[]) => {
    const policy = { version: 1, attesters, rules: [{ jobs: ['*'], groups: 1 }] }
    writeFileSync(join(configDir, 'policy.json'), JSON.stringify(policy))
    expect(readSitePolicy(app.deps.config)).toBe(true)
    await app.deps.writer.transact(['tasks'], (tx) => enqueue(tx, [judgeAllTask], new Date()))
    await app.deps.runner.settled()
  }
  await usePolicy([])
  await published('apt/trusted', 0)
  await usePolicy([{ user: alice.name, group: 'robur' }])
  await published('apt/trusted', 1)
})

onSqlite('apt of a private site needs a user', { timeout: 60_000 }, async () => {
  const { app, published, uploadPackage } = await repositorySite(toml, {
    env: { BUILDER_HUB_PRIVATE: 'true' },
  })
  await uploadPackage(await debOf(controlOf('1')))
  await published()
  const apt = aptClient()
  apt.trust(await textOf(`${app.url}/apt/debian-12/key.asc`, { Authorization: basicAuth(alice) }))
  apt.setSources(sourcesOf(app.url, join(apt.root, 'key.asc')))
  const args = ['-o', 'APT::Update::Error-Mode=any', 'update']
  expect((await apt.run(...args)).output).toContain('401')
  const machine = `machine ${app.url} login ${alice.name} password ${alice.password}\n`
  writeFileSync(join(apt.root, 'etc/auth.conf.d/hub.conf'), machine)
  expect(await apt.run(...args)).toMatchObject({ status: 0 })
})

test.runIf(isSqlite && hasCorpus)('packages of the corpus are installed', { timeout: 60_000 }, async () => {
  const { app, published, uploadPackage } = await repositorySite('[apt.debian-12]\n')
  for (const version of ['0.1.0', '0.2.0', '0.2.1'])
    await uploadPackage(readFileSync(corpusPath('pkg', `hello_${version}-1.deb`)))
  await published('apt/debian-12', 3)
  const apt = aptClient()
  apt.trust(await textOf(`${app.url}/apt/debian-12/key.asc`))
  apt.setSources(sourcesOf(app.url, join(apt.root, 'key.asc')))
  expect(await apt.run('update')).toMatchObject({ status: 0 })
  const fetched = await apt.run('download', 'hello=0.2.0-1')
  expect(fetched).toMatchObject({ status: 0 })
})

async function membersOf(bytes: Uint8Array): Promise<Map<string, Buffer>> {
  const archive = extract({})
  archive.end(gunzipSync(bytes))
  const members = new Map<string, Buffer>()
  for await (const entry of archive) {
    const parts: Uint8Array[] = []
    for await (const part of entry) parts.push(part as Uint8Array)
    members.set(entry.header.name, Buffer.concat(parts))
  }
  return members
}

onSqlite('the catalogue of pkg is what libpkg describes, and its signatures are good', async () => {
  const { app, published, uploadPackage } = await repositorySite(
    '[pkg."FreeBSD:14:amd64"]\nplatforms = ["freebsd-14"]\n',
  )
  const manifest = {
    ...{ name: 'hello', version: '0.2', origin: 'local/hello', prefix: '/usr/local' },
    ...{ abi: 'FreeBSD:14:amd64', comment: 'says hello' },
  }
  const parts = { platform: 'freebsd-14', fileName: 'hello.pkg' }
  const content = await tarOf({ '+COMPACT_MANIFEST': JSON.stringify(manifest), '+MANIFEST': '{}' })
  await uploadPackage(content, parts)
  await uploadPackage(
    await tarOf({ '+COMPACT_MANIFEST': JSON.stringify({ ...manifest, abi: 'FreeBSD:13:amd64' }) }),
    parts,
  )
  await published('pkg/FreeBSD:14:amd64', 1)
  const base = `${app.url}/pkg/FreeBSD:14:amd64`
  expect(JSON.parse(await textOf(`${base}/meta.conf`))).toEqual({
    ...{ version: 2, packing_format: 'tgz', manifests: 'packagesite.yaml', data: 'data' },
    ...{ manifests_archive: 'packagesite', data_archive: 'data' },
  })
  const sum = createHash('sha256').update(content).digest('hex')
  const path = `All/Hashed/hello-0.2~${sum.slice(0, 10)}.pkg`
  const entry = { ...manifest, sum, path, repopath: path, pkgsize: content.length }
  const expected = {
    'packagesite.yaml': `${JSON.stringify(entry)}\n`,
    data: JSON.stringify({ groups: [], expired_packages: [], packages: [entry] }),
  }
  const fingerprint = /^fingerprint: "([0-9a-f]{64})"$/m.exec(await textOf(`${base}/fingerprint`))?.[1]
  for (const [name, text] of Object.entries(expected)) {
    const file = name === 'data' ? 'data.pkg' : 'packagesite.pkg'
    const members = await membersOf(Buffer.from(await (await fetch(`${base}/${file}`)).arrayBuffer()))
    expect([...members.keys()]).toEqual([`${name}.sig`, `${name}.pub`, name])
    expect(members.get(name)?.toString()).toBe(text)
    const publicKey = members.get(`${name}.pub`) ?? Buffer.alloc(0)
    expect(createHash('sha256').update(publicKey).digest('hex')).toBe(fingerprint)
    const digits = createHash('sha256').update(text).digest('hex')
    const isGood = createVerify('RSA-SHA256')
      .update(digits)
      .verify(createPublicKey(publicKey), members.get(`${name}.sig`) ?? Buffer.alloc(0))
    expect(isGood).toBe(true)
  }
  const fetched = Buffer.from(await (await fetch(`${base}/${path.replace('~', '%7E')}`)).arrayBuffer())
  expect(fetched.equals(content)).toBe(true)
})
