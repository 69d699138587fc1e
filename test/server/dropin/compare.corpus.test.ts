import { readdirSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { testApp, type TestApp } from '../../app.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'
import { comparableJson } from '../../dropin/comparable.ts'
import { file, sampleRecord } from '../../record.ts'
import { uuidOf } from '../graphql-site.ts'

const readJson = (...path: string[]): unknown => JSON.parse(readFileSync(corpusPath(...path), 'utf8'))

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
    const form = { isOrdered: false }
    expect(comparableJson(opam_diff, form)).toEqual(comparableJson(readJson('opamdiff', name), form))
  })
})
