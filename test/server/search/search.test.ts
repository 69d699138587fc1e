import { beforeAll, expect, test } from 'vitest'
import { removeBuild } from '../../../server/facts/remove-build.ts'
import { basicAuth, alice, testApp, type TestApp } from '../../app.ts'
import { file, sampleRecord } from '../../record.ts'
import { analyseAll } from '../analyses/analyse-all.ts'
import { differences } from '../facts/fact-site.ts'
import { receiveAll, sha256, uuidOf } from '../graphql-site.ts'

let app: TestApp

const opamSwitch = (name: string, synopsis: string, installed: readonly string[]) => `opam-version: "2.0"
roots: ["${name}.1.0"]
installed: [${installed.map((one) => `"${one}"`).join(' ')} "${name}.1.0"]
package "${name}" {
  opam-version: "2.0"
  version: "1.0"
  synopsis: "${synopsis}"
}
`

const recordOf = (number: number, parts: Parameters<typeof sampleRecord>[0]) =>
  sampleRecord({
    uuid: uuidOf(number),
    startedAt: new Date(Date.UTC(2026, 9, number)),
    artifacts: [file('bin/hello.hvt', `binary ${number}`)],
    ...parts,
  })

const failed = (number: number, job: string, platform: string, line: string) =>
  recordOf(number, {
    ...{ job, platform, artifacts: [], result: { kind: 'exited', code: 1n } },
    console: [{ deltaNs: 1n, text: Buffer.from(line) }],
  })

beforeAll(async () => {
  app = await testApp({ keep: true })
  await receiveAll(app, [
    recordOf(1, {
      job: 'dns-primary',
      artifacts: [
        file('bin/dns-primary.hvt', 'zones'),
        file(
          'opam-switch',
          opamSwitch('dns-primary', 'Serves zones from Git', ['lwt.5.7.0', 'ocaml-solo5.1.0']),
        ),
      ],
    }),
    recordOf(2, { job: 'dns-primary', platform: 'freebsd-14' }),
    recordOf(3, { job: 'dns-secondary', artifacts: [file('bin/dns-secondary.hvt', 'copies')] }),
    failed(4, 'dns-secondary', 'debian-13', 'Error: Library "mirage-crypto" not found.'),
    recordOf(5, { job: 'secret-dns', artifacts: [file('bin/secret.hvt', 'hidden')] }),
    failed(6, 'secret-dns', 'debian-12', 'Error: Library "hidden-crypto" not found.'),
  ])
  await analyseAll(app)
  await app.deps.writer.transact(['facts'], (tx) =>
    tx.job.update({ where: { name: 'secret-dns' }, data: { isHidden: true } }),
  )
  return app.close
})

const query = `query ($text: String!) { search(text: $text) { place jobs { name } platforms { name }
  packages { ecosystem name versionCount } builds { uuid } files { path job buildCount newestBuild { uuid } }
  failures { build { uuid } reason line } contents users } }`

type Found = Record<string, unknown>

/** What a search finds, without what is empty. */
async function search(text: string): Promise<Found> {
  const { data, errors } = await app.graphql(query, { text })
  expect(errors).toBeUndefined()
  const found = Object.entries(data.search as Found)
  return Object.fromEntries(
    found.filter(([, value]) => value !== null && (!Array.isArray(value) || value.length > 0)),
  )
}

const jobs = (...names: string[]) => names.map((name) => ({ name }))
const files = (name: string, number: number) => [
  { path: `bin/${name}.hvt`, job: name, buildCount: 1, newestBuild: { uuid: uuidOf(number) } },
]

test.each<[string, Found]>([
  ['', {}],
  ['%', {}],
  ['nothing', {}],
  [
    'dns-primary',
    {
      jobs: jobs('dns-primary'),
      packages: [{ ecosystem: 'opam', name: 'dns-primary', versionCount: 1 }],
      files: files('dns-primary', 1),
    },
  ],
  ['SECOND', { jobs: jobs('dns-secondary'), files: files('dns-secondary', 3) }],
  ['rimar', { jobs: jobs('dns-primary') }],
  ['zones git', { jobs: jobs('dns-primary') }],
  ['zones svn', {}],
  ['debian', { platforms: [{ name: 'debian-12' }, { name: 'debian-13' }] }],
  ['lw', { packages: [{ ecosystem: 'opam', name: 'lwt', versionCount: 1 }] }],
  ['solo5', { packages: [{ ecosystem: 'opam', name: 'ocaml-solo5', versionCount: 1 }] }],
  ['dns freebsd', { builds: [{ uuid: uuidOf(2) }] }],
  ['dns debian', { builds: [{ uuid: uuidOf(4) }, { uuid: uuidOf(3) }, { uuid: uuidOf(1) }] }],
  ['2026-10-03', { builds: [{ uuid: uuidOf(3) }] }],
  ['2026-10', { builds: [4, 3, 2, 1].map((number) => ({ uuid: uuidOf(number) })) }],
  [
    '2026-10 second',
    {
      builds: [{ uuid: uuidOf(4) }, { uuid: uuidOf(3) }],
      jobs: jobs('dns-secondary'),
      files: files('dns-secondary', 3),
    },
  ],
  ['2026-10 debian-13', { builds: [{ uuid: uuidOf(4) }], platforms: [{ name: 'debian-13' }] }],
  ['2027-01', {}],
  [
    'library crypto',
    {
      failures: [
        {
          build: { uuid: uuidOf(4) },
          reason: 'the compiler, or dune, refused a file',
          line: 'Error: Library "mirage-crypto" not found.',
        },
      ],
    },
  ],
  ['secret', {}],
  [uuidOf(1), { place: `/job/dns-primary/build/${uuidOf(1)}`, builds: [{ uuid: uuidOf(1) }] }],
  [
    '00000000-0000-4000-8000-00000000000',
    { builds: [1, 2, 3, 4].map((number) => ({ uuid: uuidOf(number) })) },
  ],
  [sha256('zones').slice(0, 8), { place: `/sha256/${sha256('zones')}`, contents: [sha256('zones')] }],
  [`${sha256('anything')}  a.hvt`, { place: `/sha256/${sha256('anything')}` }],
])('the search %j', async (text, found) => {
  expect(await search(text)).toEqual(found)
})

test('only administrators find users', async () => {
  const usersFor = async (role: string) => {
    await app.deps.writer.transact([], (tx) => tx.user.updateMany({ data: { role } }))
    const answer = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: basicAuth(alice) },
      body: JSON.stringify({ query: '{ search(text: "ali") { users } }' }),
    })
    return ((await answer.json()) as { data: { search: unknown } }).data.search
  }
  expect(await search('alice')).toEqual({})
  expect(await usersFor('UPLOADER')).toEqual({ users: [] })
  expect(await usersFor('ADMIN')).toEqual({ users: ['alice'] })
})

test('without JavaScript the page has what is found, and a form', async () => {
  const pageFor = async (text: string) => {
    const answer = await fetch(`${app.url}/search?q=${encodeURIComponent(text)}`, {
      headers: { Accept: 'text/html' },
    })
    return (await answer.text()).replace(/<\/?bdi>|<time[^>]*>|<\/time>/g, '')
  }
  expect(await pageFor('')).toContain('<form action="/search" role="search"><input type="search" name="q"')
  const found = await pageFor('crypto')
  expect(found).toContain(`<a href="/job/dns-secondary/build/${uuidOf(4)}">`)
  expect(found).toContain('Error: Library "mirage-crypto" not found.')
  expect(await pageFor('dns-primary')).toContain(
    '<h2>Jobs</h2><ul><li><a href="/job/dns-primary">dns-primary</a>: Serves',
  )
  expect(await pageFor(uuidOf(1))).toContain(
    `<a href="/job/dns-primary/build/${uuidOf(1)}">Show what it names</a>`,
  )
  expect(await pageFor('secret')).toContain('Nothing has all of these words.')
  expect(await pageFor('<i>')).toContain('Found for &#x3C;i>')
})

test('what is asked for has bounds', async () => {
  const refused = await app.graphql(query, { text: 'x'.repeat(201) })
  expect(refused.errors?.[0]?.message).toBe('text has 201 characters: at most 200 are allowed')
  const many = await app.graphql('{ search(text: "dns", limit: 51) { users } }')
  expect(many.errors?.[0]?.message).toBe('limit must be between 1 and 50, not 51')
  const one = await app.graphql('{ search(text: "dns", limit: 1) { jobs { name } files { path } } }')
  expect(one.data.search).toEqual({ jobs: jobs('dns-primary'), files: [{ path: 'bin/dns-primary.hvt' }] })
})

test('what is removed, renamed or described anew is found as it is now', async () => {
  const site = await testApp()
  await receiveAll(site, [
    recordOf(1, { job: 'one', artifacts: [file('bin/old', '1'), file('bin/both', '1')] }),
    recordOf(2, { job: 'one', artifacts: [file('bin/new', '2'), file('bin/both', '2')] }),
  ])
  const filesOf = async (text: string) => {
    const { data } = await site.graphql(
      'query ($text: String!) { search(text: $text) { files { path buildCount newestBuild { uuid } } } }',
      { text },
    )
    return data.search.files as unknown
  }
  expect(await filesOf('both')).toEqual([
    { path: 'bin/both', buildCount: 2, newestBuild: { uuid: uuidOf(2) } },
  ])
  const newest = await site.deps.db.build.findUniqueOrThrow({ where: { uuid: uuidOf(2) } })
  await site.deps.writer.transact(['builds'], (tx) =>
    removeBuild(tx, newest.id, { reason: 'a test', removedAt: new Date() }),
  )
  expect(await filesOf('both')).toEqual([
    { path: 'bin/both', buildCount: 1, newestBuild: { uuid: uuidOf(1) } },
  ])
  expect(await filesOf('new')).toEqual([])
  expect(await differences(site.deps)).toEqual([])
  await site.deps.writer.transact(['facts'], (tx) =>
    tx.job.update({ where: { name: 'one' }, data: { synopsis: 'A gateway' } }),
  )
  const jobsOf = async (text: string) =>
    (await site.graphql('query ($text: String!) { search(text: $text) { jobs { name } } }', { text })).data
      .search.jobs as unknown
  expect(await jobsOf('gate')).toEqual(jobs('one'))
  await site.deps.writer.transact(['facts'], (tx) =>
    tx.job.update({ where: { name: 'one' }, data: { synopsis: 'A router' } }),
  )
  expect(await jobsOf('gate')).toEqual([])
  expect(await jobsOf('rout')).toEqual(jobs('one'))
})
