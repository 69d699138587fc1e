import type { Licence } from '../formats/licence.ts'
import type { OpamHash } from '../formats/opam/duniverse.ts'

/** A part of a build, as both formats of bills of materials tell it. */
export type BillComponent = {
  /** Tells components of one bill apart. Letters, digits, `.` and `-`. */
  key: string
  name: string
  version: string | null
  /** SWITCH: opam installed it. The other three: vendored sources, by how they were found. SYSTEM: a package of the operating system. */
  origin: 'SWITCH' | 'CHECKSUM' | 'URL' | 'NOTHING' | 'SYSTEM'
  /** False: it only serves to build. */
  isRequired: boolean
  purl: string | null
  licence: Licence | null
  /** Of the source, and the hashes of the file there. */
  url: string | null
  hashes: readonly OpamHash[]
  homepage: string | null
  repository: string | null
  bugReports: string | null
}

/** What both formats of a bill of materials are printed from. */
export type Bill = {
  uuid: string
  job: string
  platform: string
  /** Of the page of the build. */
  url: string
  finishedAt: Date
  /** Of the hub. */
  software: string
  isUnikernel: boolean
  root: BillComponent
  mainBinarySha256: string | null
  components: readonly BillComponent[]
  /** Pairs of keys: who needs whom. The root needs what nobody else does. */
  dependencies: readonly (readonly [from: string, to: string])[]
}

/** Folders of which nobody knows what is in them. */
export const unidentifiedOf = ({ components }: Pick<Bill, 'components'>): number =>
  components.filter(({ origin }) => origin === 'NOTHING').length
