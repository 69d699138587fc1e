import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { debOf } from '../../formats/package-files.ts'
import { isLong } from '../../long.ts'
import { aptClient } from './apt-client.ts'
import { join } from 'node:path'
import { repositorySite, sourcesOf } from './repository-site.ts'

const [uploads, looks, polls] = isLong ? [200, 2_000, 2_000] : [10, 40, 100]

const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** What apt does: the signed index, then what it names by its hash, then a package that this names. */
async function look(base: string): Promise<void> {
  const get = async (path: string) => {
    const response = await fetch(`${base}/${path}`)
    expect(response.status, path).toBe(200)
    return Buffer.from(await response.arrayBuffer())
  }
  const folder = 'dists/debian-12'
  const release = (await get(`${folder}/InRelease`)).toString()
  const named = [
    ...release.matchAll(/^ ([0-9a-f]{64}) +(\d+) (main\/binary-amd64\/Packages(?:\.gz|\.xz)?)$/gm),
  ]
  expect(named.length).toBeGreaterThanOrEqual(2)
  let index = ''
  for (const [, sha256 = '', size, path = ''] of named) {
    const bytes = await get(`${folder}/${path.replace(/[^/]+$/, '')}by-hash/SHA256/${sha256}`)
    expect([sha256Of(bytes), bytes.length]).toEqual([sha256, Number(size)])
    if (path.endsWith('Packages')) index = bytes.toString()
  }
  const packages = [...index.matchAll(/^Filename: (.*)\nSize: \d+\nSHA256: (.*)$/gm)]
  const [, path = '', sha256] = packages[Math.floor(Math.random() * packages.length)] ?? []
  expect(sha256Of(await get(path))).toBe(sha256)
}

/** Asks for an index that has not changed, as apt does that has it. */
async function poll(base: string, etags: ReadonlyMap<string, string>): Promise<void> {
  for (const [path, etag] of etags) {
    // As apt sends it: otherwise fetch asks for an answer that is no copy.
    const headers = { 'If-None-Match': etag, 'Cache-Control': 'max-age=0' }
    const answer = await fetch(`${base}/${path}`, { headers })
    expect([path, answer.status, await answer.text()]).toEqual([path, 304, ''])
  }
}

async function etagsOf(base: string): Promise<Map<string, string>> {
  const paths = ['dists/debian-13/InRelease', 'dists/debian-13/main/binary-amd64/Packages.gz']
  const answers = await Promise.all(paths.map((path) => fetch(`${base}/${path}`)))
  return new Map(paths.map((path, index) => [path, answers[index]?.headers.get('etag') ?? '']))
}

test(
  `${looks} updates beside ${uploads} uploads see one whole repository each, and ${polls} requests find that another one has not changed`,
  { timeout: isLong ? 3_600_000 : 900_000 },
  async () => {
    const site = await repositorySite('[apt.debian-12]\nkeep = 3\n[apt.debian-13]\n')
    const { app, published, uploadPackage } = site
    const deb = (number: number) =>
      debOf(`Package: hello\nVersion: ${number}\nArchitecture: amd64\nDescription: says hello\n`)
    await uploadPackage(await deb(0))
    await uploadPackage(await deb(0), { platform: 'debian-13' })
    await published()
    await published('apt/debian-13', 1)
    const still = `${app.url}/apt/debian-13`
    const etags = await etagsOf(still)
    const base = `${app.url}/apt/debian-12`
    const apt = aptClient()
    apt.trust(await (await fetch(`${base}/key.asc`)).text())
    apt.setSources(sourcesOf(app.url, join(apt.root, 'key.asc')))
    let isUploading = true
    const uploading = (async () => {
      for (let number = 1; number <= uploads; number++) {
        await uploadPackage(await deb(number))
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      isUploading = false
    })()
    const updating = (async () => {
      do expect(await apt.run('-o', 'APT::Update::Error-Mode=any', 'update')).toMatchObject({ status: 0 })
      while (isUploading)
    })()
    const looking = Array.from({ length: 4 }, async () => {
      for (let number = 0; number < looks / 4; number++) await look(base)
    })
    const polling = Array.from({ length: 4 }, async () => {
      for (let number = 0; number < polls / 4 / etags.size; number++) await poll(still, etags)
    })
    await Promise.all([uploading, updating, ...looking, ...polling])
    await published('apt/debian-12', 3)
    await look(base)
  },
)
