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

/** builder-web writes times as `-00:00`, where it says the same as `Z`. */
function withInstants(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value).replace(/"(\d{4}-\d\d-\d\dT[\d:]+)(?:\.000)?(?:-00:00|Z)"/g, '"$1Z"'),
  )
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
    if (json === undefined) {
      console.log(path, request_headers, status, answer.status)
      return
    }
    expect(answer.status).toBe(200)
    expect(withInstants(await answer.json())).toEqual(withInstants(json))
  })
})

const OpamDiff = z.object({ opam_diff: z.array(z.object({ diff: z.string() })) }).loose()

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
    expect(OpamDiff.parse(opam_diff)).toEqual(OpamDiff.parse(readJson('opamdiff', name)))
  })
})
