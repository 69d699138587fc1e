import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isLinked } from '../../../server/advisories/is-linked.ts'
import { listModules } from '../../../server/analyses/modules/list-modules.ts'
import { isAffected } from '../../../server/formats/osv/is-affected.ts'
import { parseOsv } from '../../../server/formats/osv/parse-osv.ts'
import { printHash } from '../../../server/package-sets/component-list.ts'
import { identifySource, type PackageId } from '../../../server/package-sets/identify-source.ts'
import { readComponents } from '../../../server/package-sets/read-components.ts'
import { corpusSwitches } from '../../corpus-switches.ts'
import { corpusPath, hasCorpus } from '../../corpus.ts'

/** What the switches of the corpus contain, as a site that stores all of them finds it. */
function identifiedSwitches() {
  const switches = corpusSwitches().map(({ name, read }) => ({
    name,
    components: readComponents(read('opam-switch')),
  }))
  const origins = new Map<string, PackageId[]>()
  for (const { components } of switches)
    for (const { name, version, hashes } of components.installed)
      for (const one of hashes.map(printHash))
        origins.set(one, [...(origins.get(one) ?? []), { name, version }])
  return switches.map(({ name, components }) => ({
    name,
    installed: components.installed,
    identities: components.vendored.map((source) =>
      identifySource(
        source,
        source.hashes.flatMap((one) => origins.get(printHash(one)) ?? []),
      ),
    ),
  }))
}

const readAdvisories = () =>
  readdirSync(corpusPath('osv'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => parseOsv(readFileSync(join(corpusPath('osv'), path))))
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))

describe.skipIf(!hasCorpus)('the switches of the corpus', () => {
  test('tell what nearly all of their vendored sources are', () => {
    const identities = identifiedSwitches().flatMap((one) => one.identities)
    const count = (by: string) => identities.filter((one) => one.by === by).length
    expect(identities).toHaveLength(1_273)
    expect(count('CHECKSUM')).toBeGreaterThanOrEqual(892)
    expect(count('CHECKSUM') + count('URL')).toBeGreaterThanOrEqual(1_270)
  })

  test('have the known issues of the golden file', () => {
    const switches = identifiedSwitches()
    const advisories = readAdvisories()
    const matches = switches.flatMap(({ name, installed, identities }) => {
      const contained = [...installed, ...identities.flatMap(({ packages }) => packages)]
      const found = advisories.flatMap(({ id, affected }) =>
        contained
          .filter((it) => affected.some((one) => one.name === it.name && isAffected(one, it.version)))
          .map((it) => `${name} ${id} ${it.name}.${it.version}`),
      )
      return [...new Set(found)].toSorted()
    })
    const switchesOf = (id: string) =>
      new Set(matches.filter((line) => line.split(' ')[1] === id).map((line) => line.split(' ')[0])).size
    expect({
      affectedSwitches: new Set(matches.map((line) => line.split(' ')[0])).size,
      switchesByAdvisory: Object.fromEntries(advisories.map(({ id }) => [id, switchesOf(id)])),
      // Of all lines, with switch, advisory and version.
      sha256: createHash('sha256').update(matches.join('\n')).digest('hex'),
    }).toMatchSnapshot()
  })
})

describe.skipIf(!hasCorpus)('programs of the corpus', () => {
  const unitsOf = (name: string) => listModules(readFileSync(corpusPath('elf', name))).units
  const found = (binding: string, program: string) => isLinked([binding], unitsOf(program))

  test.each([
    ['List.rev', 'arith.debug', 'LINKED', 'Stdlib__List'],
    ['Unix.getpwnam', 'echod.debug', 'LINKED', 'Unix'],
    ['Event.sync', 'echod-static.debug', 'LINKED', 'Event'],
    // What real advisories name.
    ['Mirage_crypto_ec.P256.Dh.share', 'arith.debug', 'NOT_LINKED', null],
    ['Cohttp.Path.resolve_local_file', 'zonecheck.debug', 'NOT_LINKED', null],
    // A function of C, and a program without symbols.
    ['caml_ba_reshape', 'arith.debug', 'UNKNOWN', null],
    ['List.rev', 'arith', 'UNKNOWN', null],
  ])('%s in %s: %s', (binding, program, linked, unit) => {
    expect(found(binding, program)).toEqual({ linked, unit })
  })
})
