import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Spec, Validation } from '@cyclonedx/cyclonedx-library'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parseSystemPackages } from '../../../server/formats/system-packages.ts'
import { printHash } from '../../../server/package-sets/component-list.ts'
import { identifySource, type PackageId } from '../../../server/package-sets/identify-source.ts'
import { readComponents } from '../../../server/package-sets/read-components.ts'
import type { Bill } from '../../../server/sbom/bill.ts'
import { makeBill } from '../../../server/sbom/make-bill.ts'
import { printCycloneDx } from '../../../server/sbom/print-cyclonedx.ts'
import { printSpdx } from '../../../server/sbom/print-spdx.ts'
import { projectDir } from '../../app.ts'
import { corpusSwitches } from '../../corpus-switches.ts'
import { hasCorpus } from '../../corpus.ts'
import { isLong } from '../../long.ts'

const switches = hasCorpus
  ? corpusSwitches().map(({ name, read }) => ({
      name,
      list: readComponents(read('opam-switch')),
      system: parseSystemPackages(read('system-packages').toString()),
    }))
  : []

/** As the site would know them if it had all these switches. */
const origins = new Map<string, PackageId[]>()
for (const { list } of switches)
  for (const { hashes, name, version } of list.installed)
    for (const it of hashes) {
      const known = origins.get(printHash(it)) ?? []
      const isKnown = known.some((one) => one.name === name && one.version === version)
      if (!isKnown) origins.set(printHash(it), [...known, { name, version }])
    }

const identitiesOf = ({ list }: (typeof switches)[number]) =>
  list.vendored.map((source) =>
    identifySource(
      source,
      source.hashes.flatMap((one) => origins.get(printHash(one)) ?? []),
    ),
  )

const billOf = (one: (typeof switches)[number]): Bill =>
  makeBill(
    {
      ...{ uuid: '00000000-0000-4000-8000-000000000001', job: one.name, platform: 'debian-12' },
      ...{ url: 'https://hub.example/build', finishedAt: new Date(0), software: '1.0' },
      mainBinarySha256: 'a'.repeat(64),
    },
    one.list,
    identitiesOf(one),
    one.system,
  )

test.skipIf(!hasCorpus)('bills of the corpus are valid CycloneDX 1.6 by its strict schema', async () => {
  // In the suite a few of them: a check by this schema takes long. The other schema has all.
  const checked = isLong ? switches : switches.filter((_, index) => index % 15 === 0)
  const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6)
  for (const one of checked) {
    const fault = await validator.validate(JSON.stringify(printCycloneDx(billOf(one))))
    expect(fault, one.name).toBeNull()
  }
})

test.skipIf(!hasCorpus)('all bills of the corpus are valid SPDX 2.3, and name each component once', () => {
  const schema = JSON.parse(
    readFileSync(join(projectDir, 'test/fixtures/spdx-2.3.schema.json'), 'utf8'),
  ) as object
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
  for (const one of switches) {
    const document = printSpdx(billOf(one)) as { packages: { SPDXID: string }[] }
    validate(document)
    expect(validate.errors, one.name).toBeNull()
    const ids = document.packages.map(({ SPDXID }) => SPDXID)
    expect(new Set(ids).size, one.name).toBe(ids.length)
  }
})

test.skipIf(!hasCorpus)('equal facts give equal bytes', () => {
  for (const one of switches.slice(0, 5))
    for (const print of [printCycloneDx, printSpdx])
      expect(JSON.stringify(print(billOf(one)))).toBe(JSON.stringify(print(billOf(one))))
})

test.skipIf(!hasCorpus)('nearly all vendored sources of the corpus are identified', () => {
  const found = switches.flatMap(identitiesOf)
  const count = (by: string) => found.filter((one) => one.by === by).length
  expect({ all: found.length, checksum: count('CHECKSUM'), url: count('URL') }).toEqual({
    ...{ all: 1_273, checksum: 892, url: 381 },
  })
})

test.skipIf(!hasCorpus)(
  'licences of the corpus are expressions of SPDX, but for a few that are words',
  () => {
    const licences = switches.flatMap(({ list }) => list.installed.map(({ licence }) => licence))
    const count = (kind: string | undefined) => licences.filter((one) => one?.kind === kind).length
    expect([count('EXPRESSION'), count('NAME'), count(undefined)]).toEqual([4_804, 12, 449])
    const words = new Set(licences.flatMap((one) => (one?.kind === 'NAME' ? [one.text] : [])))
    expect([...words].toSorted()).toEqual(['BSD-like', 'LGPL with OpenSSL linking exception', 'PD'])
  },
)
