import type { Licence } from '../formats/licence.ts'
import type { OpamHash } from '../formats/opam/duniverse.ts'
import { printTime } from '../signing/print-time.ts'
import { unidentifiedOf, type Bill, type BillComponent } from './bill.ts'
import { uuidOfUrl } from '../derived-uuid.ts'

const algorithms = { md5: 'MD5', sha256: 'SHA-256', sha512: 'SHA-512' } as const

/** The URN of a bill, by which other documents name it. */
export const cycloneDxSerial = ({ url }: Pick<Bill, 'url'>): string =>
  `urn:uuid:${uuidOfUrl(`${url} cyclonedx`)}`

/**
 * A bill of materials in CycloneDX 1.6, as an object for JSON. Equal facts give equal text. Source: https://cyclonedx.org/docs/1.6/json/.
 */
export function printCycloneDx(bill: Bill): object {
  const { root, components, mainBinarySha256 } = bill
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
    serialNumber: cycloneDxSerial(bill),
    version: 1,
    metadata: {
      timestamp: printTime(bill.finishedAt),
      lifecycles: [{ phase: 'build' }],
      tools: { components: [{ type: 'application', name: 'builder-hub', version: bill.software }] },
      component: {
        type: bill.isUnikernel ? 'firmware' : 'application',
        'bom-ref': root.key,
        name: bill.job,
        ...(root.version === null ? {} : { version: root.version }),
        ...(mainBinarySha256 === null ? {} : { hashes: [{ alg: 'SHA-256', content: mainBinarySha256 }] }),
        ...licencesOf(root.licence),
        ...(root.purl === null ? {} : { purl: root.purl }),
        externalReferences: [{ type: 'build-meta', url: bill.url }, ...referencesOf(root)],
      },
    },
    components: components.map(componentOf),
    dependencies: dependenciesOf(bill),
    compositions: [
      { aggregate: unidentifiedOf(bill) === 0 ? 'complete' : 'incomplete', assemblies: [root.key] },
    ],
  }
}

function componentOf(component: BillComponent): object {
  const { key, name, version, origin, isRequired, purl } = component
  const references = referencesOf(component)
  return {
    type: 'library',
    'bom-ref': key,
    name,
    ...(version === null ? {} : { version }),
    scope: isRequired ? 'required' : 'excluded',
    ...licencesOf(component.licence),
    ...(purl === null ? {} : { purl }),
    ...(references.length === 0 ? {} : { externalReferences: references }),
    properties: [{ name: 'builder-hub:identified-by', value: origin.toLowerCase() }],
  }
}

function licencesOf(licence: Licence | null): object {
  if (!licence) return {}
  if (licence.kind === 'NAME') return { licenses: [{ license: { name: licence.text } }] }
  return { licenses: [{ expression: licence.text }] }
}

/** The schema takes addresses only, and opam files have others, such as `git@…`. */
const isAddress = (url: string) => /^[a-z][a-z0-9+.-]*:\/\/[!-~]+$/i.test(url) && URL.canParse(url)

function referencesOf({ url, hashes, homepage, repository, bugReports }: BillComponent) {
  const references = [
    ['distribution', url],
    ['website', homepage],
    ['vcs', repository],
    ['issue-tracker', bugReports],
  ] as const
  return references.flatMap(([type, address]) => {
    if (address === null || !isAddress(address)) return []
    const known = type === 'distribution' ? hashes.filter(isWhole) : []
    return [
      {
        ...{ type, url: address },
        ...(known.length === 0
          ? {}
          : { hashes: known.map(({ kind, value }) => ({ alg: algorithms[kind], content: value })) }),
      },
    ]
  })
}

const digits = { md5: 32, sha256: 64, sha512: 128 }

/** opam files have hashes that are cut off, too. */
export const isWhole = ({ kind, value }: OpamHash) => value.length === digits[kind]

function dependenciesOf({ root, components, dependencies }: Bill) {
  const needed = new Map<string, Set<string>>([root, ...components].map(({ key }) => [key, new Set()]))
  for (const [from, to] of dependencies) needed.get(from)?.add(to)
  return [...needed].map(([ref, dependsOn]) => ({
    ref,
    ...(dependsOn.size === 0 ? {} : { dependsOn: [...dependsOn] }),
  }))
}
