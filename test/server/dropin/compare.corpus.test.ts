import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { alice, basicAuth, testApp, type TestApp } from '../../app.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(corpusPath(...path), 'utf8'))

const Upload = z.object({ file: z.string() })
const Recorded = z.object({
  path: z.string(),
  request_headers: z.record(z.string(), z.string()).default({}),
  status: z.number(),
  json: z.unknown().optional(),
})

const uploads = hasCorpus ? z.array(Upload).parse(readJson('web', 'functional-uploads.json')) : []
const recorded = (hasCorpus ? z.array(Recorded).parse(readJson('web', 'functional-get.json')) : []).filter(
  ({ path }) => path.startsWith('/compare/'),
)

/**
 * builder-web's lists have no order, its times no fractions, and `-00:00` at their end, where `Z` says
 * the same. Of several shortest diffs it may choose another one: the lines are the same then.
 */
function comparable(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, it: unknown) => {
    if (key === 'diff' && typeof it === 'string') return it.split('\n').sort().join('\n')
    if (typeof it === 'string') return it.replace(/^(\d{4}-\d\d-\d\dT[\d:]+)(-00:00|\.\d+Z)$/, '$1Z')
    return Array.isArray(it) ? it.map((item) => JSON.stringify(item)).sort() : it
  })
}

const Package = z.object({ name: z.string(), version: z.string() })
const Answer = z.looseObject({ package_diff: z.looseObject({ right_packages: z.array(Package) }) })

/** What builder-web makes of FreeBSD's packages: `py39-foo-1.2` is a `py39`, of which the last one counts. */
function cutAtFirstHyphen(packages: readonly z.infer<typeof Package>[]) {
  const cut = packages.map(({ name, version }) => {
    const [first = '', ...rest] = [...name.split('-'), version]
    return { name: first, version: rest.join('-') }
  })
  return [...new Map(cut.map((one) => [one.name, one])).values()]
}

describe.skipIf(!hasCorpus)("builder-web's comparisons (skipped where the corpus is absent)", () => {
  let app: TestApp
  beforeAll(async () => {
    app = await testApp({ keep: true })
    for (const { file: path } of uploads) {
      await fetch(`${app.url}/upload`, {
        method: 'POST',
        headers: { Authorization: basicAuth(alice) },
        body: readFileSync(corpusPath('web', path)),
      })
    }
    return () => app.close()
  })

  test.each(recorded)('$path as $request_headers.Accept', async ({ path, request_headers, status, json }) => {
    const answer = await fetch(`${app.url}${path}`, { headers: request_headers })
    // There it is an error that a build has no opam switch (404), or one that has pinned packages (500).
    const isThere = status === 500 || /0000000000(05|17)$/.test(path)
    expect(answer.status).toBe(isThere ? 200 : status)
    if (json === undefined) return
    const found = Answer.parse(await answer.json())
    if (path.includes('000000000016/'))
      found.package_diff.right_packages = cutAtFirstHyphen(found.package_diff.right_packages)
    expect(comparable(found)).toEqual(comparable(json))
  })
})

describe.skipIf(!hasCorpus)('all pairs of switches (skipped where the corpus is absent)', () => {
  const pairs = (hasCorpus ? readdirSync(corpusPath('opamdiff')) : []).map((name) => {
    const [left = '', right = ''] = name.replace(/\.json$/, '').split('__')
    return { name, left, right }
  })
  const uuids = new Map(
    [...new Set(pairs.flatMap(({ left, right }) => [left, right]))].map((name, n) => [name, uuidOf(n)]),
  )
  let app: TestApp
  beforeAll(async () => {
    app = await testApp({ keep: true })
    for (const [name, uuid] of uuids) {
      const [, job = '', variant = ''] = /^(.*?)-(\d{6}.*)$/.exec(name) ?? []
      const opamSwitch = readFileSync(corpusPath('switches', job, variant, 'opam-switch'))
      await app.upload(sampleRecord({ uuid, artifacts: [file('opam-switch', opamSwitch)] }))
    }
    return () => app.close()
  })

  test.each(pairs)('$left and $right', async ({ name, left, right }) => {
    const answer = await fetch(`${app.url}/compare/${uuids.get(left)}/${uuids.get(right)}`, {
      headers: { Accept: 'application/json' },
    })
    const { opam_diff } = (await answer.json()) as { opam_diff: unknown }
    expect(comparable(opam_diff)).toEqual(comparable(readJson('opamdiff', name)))
  })
})
