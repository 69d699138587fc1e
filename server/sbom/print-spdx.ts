import type { Licence } from '../formats/licence.ts'
import { printTime } from '../signing/print-time.ts'
import type { Bill, BillComponent } from './bill.ts'
import { isWhole } from './print-cyclonedx.ts'
import { uuidOfUrl } from '../derived-uuid.ts'

const algorithms = { md5: 'MD5', sha256: 'SHA256', sha512: 'SHA512' } as const
const document = 'SPDXRef-DOCUMENT'
const refOf = (key: string) => `SPDXRef-${key}`

/** A bill of materials in SPDX 2.3, as an object for JSON. Equal facts give equal text. Source: https://spdx.github.io/spdx-spec/v2.3/. */
export function printSpdx(bill: Bill): object {
  const { root, components, dependencies } = bill
  const licences = licenceRefs([root, ...components])
  const libraries = components.map((one) => packageOf(one, licences, purposeOf(one)))
  return {
    ...{ spdxVersion: 'SPDX-2.3', dataLicense: 'CC0-1.0', SPDXID: document },
    name: `${bill.job} ${root.version ?? bill.uuid}`,
    documentNamespace: `${bill.url}#spdx-${uuidOfUrl(`${bill.url} spdx`)}`,
    creationInfo: {
      created: printTime(bill.finishedAt),
      creators: [`Tool: builder-hub-${bill.software}`],
    },
    packages: [
      {
        ...packageOf(root, licences, bill.isUnikernel ? 'FIRMWARE' : 'APPLICATION'),
        name: bill.job,
        ...(bill.mainBinarySha256 === null
          ? {}
          : { checksums: [{ algorithm: 'SHA256', checksumValue: bill.mainBinarySha256 }] }),
      },
      ...libraries,
    ],
    relationships: [
      relation(document, 'DESCRIBES', refOf(root.key)),
      ...dependencies.map(([from, to]) => relation(refOf(from), 'DEPENDS_ON', refOf(to))),
      ...components
        .filter(({ origin }) => origin === 'SYSTEM')
        .map(({ key }) => relation(refOf(key), 'BUILD_DEPENDENCY_OF', refOf(root.key))),
    ],
    ...(licences.size === 0
      ? {}
      : {
          hasExtractedLicensingInfos: [...licences].map(([name, licenseId]) => ({
            ...{ licenseId, name, extractedText: name },
          })),
        }),
  }
}

const relation = (spdxElementId: string, relationshipType: string, relatedSpdxElement: string) => ({
  ...{ spdxElementId, relationshipType, relatedSpdxElement },
})

const purposeOf = ({ origin }: BillComponent) => (origin === 'SYSTEM' ? 'OPERATING_SYSTEM' : 'LIBRARY')

/** Words that are no expression of SPDX get an id in the document. */
function licenceRefs(components: readonly BillComponent[]): Map<string, string> {
  const words = components.flatMap(({ licence }) => (licence?.kind === 'NAME' ? [licence.text] : []))
  return new Map([...new Set(words)].map((text, index) => [text, `LicenseRef-opam-${index + 1}`]))
}

function declared(licence: Licence | null, refs: ReadonlyMap<string, string>): string {
  if (!licence) return 'NOASSERTION'
  return licence.kind === 'EXPRESSION' ? licence.text : (refs.get(licence.text) ?? 'NOASSERTION')
}

function packageOf(component: BillComponent, licences: ReadonlyMap<string, string>, purpose: string) {
  const { key, name, version, url, purl, origin, homepage } = component
  const hashes = component.hashes.filter(isWhole)
  return {
    SPDXID: refOf(key),
    name,
    ...(version === null ? {} : { versionInfo: version }),
    downloadLocation:
      url !== null && /^(?:https?|git\+https?|ftp):\/\/[!-~]+$/.test(url) ? url : 'NOASSERTION',
    filesAnalyzed: false,
    ...(homepage !== null && /^https?:\/\/[!-~]+$/.test(homepage) ? { homepage } : {}),
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: declared(component.licence, licences),
    copyrightText: 'NOASSERTION',
    ...(hashes.length === 0
      ? {}
      : {
          checksums: hashes.map(({ kind, value }) => ({
            ...{ algorithm: algorithms[kind], checksumValue: value },
          })),
        }),
    ...(purl === null
      ? {}
      : {
          externalRefs: [
            { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl },
          ],
        }),
    primaryPackagePurpose: purpose,
    ...(origin === 'CHECKSUM' || origin === 'URL' || origin === 'NOTHING'
      ? { comment: `vendored source, identified by ${origin.toLowerCase()}` }
      : {}),
  }
}
