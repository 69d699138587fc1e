/** How a package is built; it decides the commands and the tools of its opam file. */
export type BuildSystem = 'dune' | 'topkg' | 'make' | 'conf' | 'virtual'

/** One version of a package of the demo's opam repository. */
export type Package = {
  name: string
  version: string
  /** `owner/name` on GitHub; packages with one repository share its versions and its archive. */
  repository: string
  synopsis: string
  buildSystem: BuildSystem
  /** `name` or `name {filter}`, as opam writes them; `ocaml` and the build tool are added. */
  depends: readonly string[]
  /** OCaml compilation units that are linked into a program, with the KiB of machine code of each. */
  units: Readonly<Record<string, number>>
  /** C functions among its stubs. */
  stubs: readonly string[]
  /** Lines of its opam section beyond the usual ones, in opam syntax. */
  extraFields: Readonly<Record<string, string>>
}

type Content = {
  units?: Record<string, number>
  stubs?: readonly string[]
  extraFields?: Record<string, string>
}

function packageWith(buildSystem: BuildSystem) {
  return (
    nameAndVersion: string,
    repository: string,
    synopsis: string,
    depends: readonly string[] = [],
    content: Content = {},
  ): Package => {
    const dot = nameAndVersion.indexOf('.')
    const { units = {}, stubs = [], extraFields = {} } = content
    const [name, version] = [nameAndVersion.slice(0, dot), nameAndVersion.slice(dot + 1)]
    return { name, version, repository, synopsis, buildSystem, depends, units, stubs, extraFields }
  }
}

export const dunePackage = packageWith('dune')
export const topkgPackage = packageWith('topkg')
export const makePackage = packageWith('make')
export const confPackage = packageWith('conf')
export const virtualPackage = packageWith('virtual')

/** The packages that a dependency's text names; tests, documentation and other systems' parts don't count. */
export function dependencyName(text: string): string | null {
  if (/with-test|with-doc|with-dev-setup|os = "win32"/.test(text)) return null
  return /^[\w+-]+/.exec(text)?.[0] ?? null
}
