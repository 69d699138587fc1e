import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAffected } from '../../../server/formats/osv/is-affected.ts'
import { parseOsv } from '../../../server/formats/osv/parse-osv.ts'
import { severityOf } from '../../../server/formats/osv/severity.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'

const read = () =>
  readdirSync(corpusPath('osv'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .toSorted()
    .map((path) => parseOsv(readFileSync(join(corpusPath('osv'), path))))

test.skipIf(!hasCorpus)('the real advisories of OCaml can be read, each with its severity', () => {
  const advisories = read()
  expect(advisories).toHaveLength(26)
  const severities = Object.fromEntries(advisories.map((one) => [one.id, severityOf(one)?.score]))
  expect(severities).toMatchObject({ 'OSEC-2026-16': 8.7, 'OSEC-2026-17': 5.9, 'OSEC-2016-01': 9.1 })
  expect(
    advisories.filter(({ affected }) => affected.some(({ bindings }) => bindings.length > 0)),
  ).toHaveLength(7)
})

test.skipIf(!hasCorpus)("ranges by opam's order give all versions that the advisories list", () => {
  const listed = read().flatMap(({ affected }) =>
    affected.flatMap(({ versions, ranges }) =>
      versions.map((version) => isAffected({ ecosystem: 'opam', name: '', versions: [], ranges }, version)),
    ),
  )
  expect(listed).toHaveLength(901)
  expect(listed.every(Boolean)).toBe(true)
})
