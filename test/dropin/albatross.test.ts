import { expect, onTestFinished, test } from 'vitest'
import { file, sampleRecord } from '../record.ts'
import { sha256, uuidOf } from '../server/graphql-site.ts'
import { albatross } from './albatross.ts'
import { openDropinSite } from './dropin-site.ts'

const opamSwitch = (version: string) =>
  `opam-version: "2.0"\nroots: ["hello.1"]\ninstalled: ["hello.1" "mirage.${version}"]\n` +
  `package "hello" { opam-version: "2.0" version: "1" }\n` +
  `package "mirage" { opam-version: "2.0" version: "${version}" }\n`

/** A job with two builds, of which the second has another image. */
async function siteWithUpdate(job = 'hello') {
  const site = await openDropinSite()
  onTestFinished(site.close)
  for (const [n, image, version] of [
    [1, 'image 1', '4.0.0'],
    [2, 'image 2', '4.1.0'],
  ] as const) {
    await site.upload(
      sampleRecord({
        job,
        uuid: uuidOf(n),
        startedAt: new Date(Date.UTC(2026, 10, n)),
        artifacts: [
          file('bin/hello.hvt', image),
          file('opam-switch', opamSwitch(version)),
          file('build-environment', `N=${n}\n`),
          file('system-packages', 'gcc=12\n'),
        ],
      }),
    )
  }
  return { site, client: albatross(site.url) }
}

test.each(['hello', 'a job; with?%20#+ünicöde 🐫'])(
  'an update of job %j: find the running image, the latest build, what changed, and the new image',
  async (job) => {
    const { client } = await siteWithUpdate(job)
    const running = await client.findByHash(sha256('image 1'))
    expect(running).toEqual({ job: encodeURIComponent(job), uuid: uuidOf(1) })
    if (!running) return
    const latest = await client.findLatest(running)
    expect(latest).toEqual({ job: encodeURIComponent(job), uuid: uuidOf(2) })
    if (!latest) return
    expect(await client.compare(running, latest)).toMatchObject({
      left: { job, uuid: uuidOf(1), main_binary: true, main_binary_size: 7 },
      right: { job, uuid: uuidOf(2) },
      env_diff: { different_versions: [{ name: 'N', version_left: '1', version_right: '2' }] },
      opam_diff: {
        version_diff: [{ name: 'mirage', version_left: '4.0.0', version_right: '4.1.0' }],
      },
    })
    expect((await client.download(latest)).toString()).toBe('image 2')
  },
)

test('an image that runs the latest build needs no update', async () => {
  const { client } = await siteWithUpdate()
  const running = await client.findByHash(sha256('image 2'))
  expect(running && (await client.findLatest(running))).toEqual(running)
})

test('an unknown image is not found', async () => {
  const { client } = await siteWithUpdate()
  expect(await client.findByHash('00'.repeat(32))).toBeNull()
})

test('a job without an image has no latest build', async () => {
  const { site, client } = await siteWithUpdate()
  await site.upload(sampleRecord({ job: 'broken', uuid: uuidOf(3), artifacts: [] }))
  expect(await client.findLatest({ job: 'broken', uuid: uuidOf(3) })).toBeNull()
  await expect(client.download({ job: 'broken', uuid: uuidOf(3) })).rejects.toThrow('answered 404')
})
