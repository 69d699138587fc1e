import * as z from 'zod'
import type { Licence } from '../formats/licence.ts'
import type { OpamHash } from '../formats/opam/duniverse.ts'

/** What a switch says of a package that opam installed. */
export type InstalledComponent = {
  name: string
  version: string
  /** False: it only serves to build, such as dune or a `conf-` package. */
  isRequired: boolean
  /** Where its source is from, and what the source is checked against. */
  url: string | null
  hashes: OpamHash[]
  licence: Licence | null
  homepage: string | null
  repository: string | null
  bugReports: string | null
}

/** Sources in a folder of a unikernel's duniverse. */
export type VendoredSource = {
  dir: string
  url: string
  hashes: OpamHash[]
  /** Packages that the root's map of dependencies names, and that this folder may have, by their names. */
  packages: string[]
}

/** What a build contains, as its opam switch tells. */
export type ComponentList = {
  /** The package that was built; null: the switch has none, or several. It is among `installed`, too. */
  root: { name: string; version: string } | null
  isUnikernel: boolean
  installed: InstalledComponent[]
  vendored: VendoredSource[]
  /** Who needs whom: indices of `installed`, followed by `vendored`. */
  edges: { from: number[]; to: number[] }
}

const text = z.string().nullable()
const hashes = z.array(z.object({ kind: z.enum(['md5', 'sha256', 'sha512']), value: z.string() }))

/** The shape of a list that is stored. */
export const componentList: z.ZodType<ComponentList> = z.object({
  root: z.object({ name: z.string(), version: z.string() }).nullable(),
  isUnikernel: z.boolean(),
  installed: z.array(
    z.object({
      ...{ name: z.string(), version: z.string(), isRequired: z.boolean(), url: text, hashes },
      licence: z.object({ kind: z.enum(['EXPRESSION', 'NAME']), text: z.string() }).nullable(),
      ...{ homepage: text, repository: text, bugReports: text },
    }),
  ),
  vendored: z.array(z.object({ dir: z.string(), url: z.string(), hashes, packages: z.array(z.string()) })),
  edges: z.object({ from: z.array(z.number()), to: z.array(z.number()) }),
})

/** A checksum as opam writes it: `sha256=…`. */
export const printHash = ({ kind, value }: OpamHash): string => `${kind}=${value}`
