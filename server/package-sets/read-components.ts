import { NotAnalysableError } from '../errors.ts'
import { showInvalidBytesIn } from '../formats/exact-text.ts'
import { readLicence } from '../formats/licence.ts'
import { describeSwitch } from '../formats/opam/describe-switch.ts'
import { packageNames } from '../formats/opam/dependencies.ts'
import { DuniverseError, duniverseDirs, type OpamHash } from '../formats/opam/duniverse.ts'
import {
  asList,
  findField,
  findSections,
  type OpamSection,
  type OpamValue,
} from '../formats/opam/opam-value.ts'
import { OrbDependenciesError, orbDependencies } from '../formats/opam/orb-dependencies.ts'
import { findRoot, parseSwitchExport, type SwitchExport } from '../formats/opam/switch-export.ts'
import type { ComponentList, InstalledComponent, VendoredSource } from './component-list.ts'

const decoder = new TextDecoder()
const limits = { packages: 5_000, edges: 100_000, nameLength: 255 }

/** Tools that run while other packages are built, and of which nothing stays. */
const tools =
  /^(conf-|base-|host-|arch-|system-)|^(dune|dune-configurator|ocamlfind|ocamlbuild|topkg|oasis|jbuilder|ocaml-config|ocaml-options-vanilla|opam-monorepo|mirage|b0|cppo|crunch|ocaml-crunch|menhir|opam-installer)$/

/**
 * What a build contains, from the bytes of its `opam-switch`. Takes O(packages × dependencies) steps.
 * Throws OpamSyntaxError, OpamLimitError, NotAnalysableError.
 */
export function readComponents(opamSwitch: Uint8Array): ComponentList {
  const text = decoder.decode(opamSwitch)
  const it = parseSwitchExport(text)
  const found = findRoot(it)
  const { dirs, named } = readRoot(found?.section ?? null)
  if (it.installed.length + dirs.length > limits.packages)
    throw new NotAnalysableError(`more than ${limits.packages} packages: no more are read`)
  const installed = it.installed.map(({ name, version }) =>
    componentOf(name, version, it.packages.get(name) ?? null),
  )
  const vendored = dirs.map((dir) => ({ ...dir, packages: packagesOf(dir.dir, dirs, named) }))
  const long = [...installed.map(({ name }) => name), ...dirs.map(({ dir }) => dir)].find(
    (name) => name.length > limits.nameLength,
  )
  if (long !== undefined) throw new NotAnalysableError(`a package name of ${long.length} characters`)
  return showInvalidBytesIn({
    root: found ? found.root : null,
    isUnikernel: describeSwitch(text)?.section.startsWith('Unikernels') ?? false,
    installed,
    vendored,
    edges: edgesOf(it, found?.root.name ?? null, vendored, named),
  })
}

type Named = ReadonlyMap<string, readonly string[]>

/** What the root says of the sources in it, and of their dependencies. */
function readRoot(section: OpamSection | null): {
  dirs: Omit<VendoredSource, 'packages'>[]
  named: Named
} {
  if (!section) return { dirs: [], named: new Map() }
  try {
    const dirs = duniverseDirs(section).map(({ dir, url, hashes }) => ({ dir, url, hashes: [...hashes] }))
    return { dirs, named: orbDependencies(section) ?? new Map() }
  } catch (error) {
    if (error instanceof DuniverseError || error instanceof OrbDependenciesError)
      throw new NotAnalysableError(error.message)
    throw error
  }
}

/**
 * Which of the named packages a folder may have: a folder `dns` has `dns` and `dns-client`, `ocaml-cstruct` has `cstruct`. A package that
 * has a folder of its own is in that.
 */
function packagesOf(dir: string, dirs: readonly { dir: string }[], named: Named): string[] {
  const short = dir.replace(/^ocaml-/, '')
  const others = new Set(dirs.map((one) => one.dir))
  return [...named.keys()].filter(
    (name) =>
      name === dir ||
      (!others.has(name) &&
        (name === short ||
          name === `ocaml-${dir}` ||
          name.startsWith(`${dir}-`) ||
          name.startsWith(`${short}-`))),
  )
}

function componentOf(name: string, version: string, section: OpamSection | null): InstalledComponent {
  const items = section?.items ?? []
  const [source] = section ? findSections(items, 'url') : []
  return {
    ...{ name, version, isRequired: !tools.test(name) },
    url: source ? (textOf(source.items, 'src') ?? textOf(source.items, 'archive')) : null,
    hashes: (source ? asList(findField(source.items, 'checksum')) : []).flatMap(hashOf),
    licence: readLicence(textsOf(findField(items, 'license'))),
    homepage: textsOf(findField(items, 'homepage'))[0] ?? null,
    repository: textOf(items, 'dev-repo'),
    bugReports: textsOf(findField(items, 'bug-reports'))[0] ?? null,
  }
}

const textsOf = (value: OpamValue | null): string[] =>
  asList(value).flatMap((one) => (one.kind === 'string' ? [one.value] : []))

const textOf = (items: OpamSection['items'], name: string): string | null =>
  textsOf(findField(items, name))[0] ?? null

function hashOf(value: OpamValue): OpamHash[] {
  const text = value.kind === 'string' ? value.value.toLowerCase() : ''
  const [, kind, digits] = /^(md5|sha256|sha512)=([0-9a-f]+)$/.exec(text) ?? []
  if (digits === undefined || (kind !== 'md5' && kind !== 'sha256' && kind !== 'sha512')) return []
  return [{ kind, value: digits }]
}

/** By the opam files, whatever their filters, as far as installed; of what is vendored by the root's own map. */
function edgesOf(
  it: SwitchExport,
  root: string | null,
  vendored: readonly VendoredSource[],
  named: Named,
): ComponentList['edges'] {
  const indices = new Map(it.installed.map(({ name }, index) => [name, index]))
  const folders = new Map(
    vendored.flatMap(({ dir, packages }, index) =>
      [...packages, dir].map((name) => [name, it.installed.length + index] as const),
    ),
  )
  const pairs = new Set<string>()
  const add = (from: number | undefined, to: number | undefined) => {
    if (from !== undefined && to !== undefined && from !== to) pairs.add(`${from} ${to}`)
    if (pairs.size > limits.edges)
      throw new NotAnalysableError(`more than ${limits.edges} dependencies: no more are read`)
  }
  for (const { name } of it.installed) {
    const items = it.packages.get(name)?.items ?? []
    for (const field of ['depends', 'depopts'] as const)
      for (const needed of packageNames(findField(items, field))) add(indices.get(name), indices.get(needed))
  }
  const placeOf = (name: string) =>
    name === root ? indices.get(name) : (folders.get(name) ?? indices.get(name))
  for (const [name, needed] of named) for (const one of needed) add(placeOf(name), placeOf(one))
  if (root !== null && named.size === 0)
    for (const index of vendored.keys()) add(indices.get(root), it.installed.length + index)
  const sorted = [...pairs].map((pair) => pair.split(' ').map(Number)).toSorted(byNumbers)
  return { from: sorted.map(([from = 0]) => from), to: sorted.map(([, to = 0]) => to) }
}

const byNumbers = ([a = 0, b = 0]: number[], [c = 0, d = 0]: number[]) => a - c || b - d
