import { buildPath } from '../paths.ts'
import { printCycloneDx } from './print-cyclonedx.ts'
import { printSpdx } from './print-spdx.ts'

/** The formats of bills of materials. `predicateType` and `mediaName` are those of the signed statement. */
export const sbomFormats = {
  CYCLONEDX: {
    file: 'sbom.cdx.json',
    signedFile: 'sbom.cdx.intoto.json',
    mediaType: 'application/vnd.cyclonedx+json',
    predicateType: 'https://cyclonedx.org/bom',
    mediaName: 'cyclonedx',
    print: printCycloneDx,
  },
  SPDX: {
    file: 'sbom.spdx.json',
    signedFile: 'sbom.spdx.intoto.json',
    mediaType: 'application/spdx+json',
    predicateType: 'https://spdx.dev/Document/v2.3',
    mediaName: 'spdx',
    print: printSpdx,
  },
} as const

export type SbomFormat = keyof typeof sbomFormats

/** Where a bill of materials of a build is downloaded. */
export const sbomPath = (job: string, uuid: string, format: SbomFormat): string =>
  `${buildPath(job, uuid)}/${sbomFormats[format].file}`

/** Where the same is downloaded in a signed statement. */
export const signedSbomPath = (job: string, uuid: string, format: SbomFormat): string =>
  `${buildPath(job, uuid)}/${sbomFormats[format].signedFile}`
