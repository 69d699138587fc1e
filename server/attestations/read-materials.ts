import { parseEnvironment } from '../formats/environment.ts'
import { duniverseDirs, type OpamHash } from '../formats/opam/duniverse.ts'
import { showInvalidBytesIn } from '../formats/exact-text.ts'
import { asList, findField, findSections, type OpamSection } from '../formats/opam/opam-value.ts'
import { findRoot, parseSwitchExport } from '../formats/opam/switch-export.ts'

/** A source that a build was made from. `digest` has its hashes by algorithm; it is empty where the switch names none. */
export type Material = {
  name: string
  version: string | null
  url: string | null
  digest: Record<string, string>
}

/** What a statement says of the inputs of a build, beside their hashes. */
export type Materials = {
  /** `name.version` of the only root package. */
  opamPackage: string | null
  environment: Record<string, string>
  packages: Material[]
  duniverse: Material[]
}

/** Other variables may hold secrets: their hash is in the statement, with the file. */
const shownVariables = [
  ...['OS', 'OS_DISTRIBUTION', 'OS_VERSION', 'OS_FAMILY', 'ARCH'],
  ...['ORB_DATA', 'SWITCH_PATH', 'SOURCE_DATE_EPOCH'],
]

/** Reads the files `opam-switch` and `build-environment` of a build. Throws MalformedError, OpamLimitError, DuniverseError. */
export function readMaterials(opamSwitch: string, environment: string): Materials {
  const it = parseSwitchExport(opamSwitch)
  const root = findRoot(it)
  const variables = parseEnvironment(environment)
  return showInvalidBytesIn({
    opamPackage: root && `${root.root.name}.${root.root.version}`,
    environment: Object.fromEntries(
      shownVariables.flatMap((name) => {
        const value = variables.get(name)
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    packages: it.installed.map(({ name, version }) => sourceOf(name, version, it.packages.get(name) ?? null)),
    duniverse: (root?.section ? duniverseDirs(root.section) : []).map(({ dir, url, hashes }) => ({
      ...{ name: dir, version: null, url },
      digest: digestOf(hashes),
    })),
  })
}

function sourceOf(name: string, version: string, section: OpamSection | null): Material {
  const [source] = section ? findSections(section.items, 'url') : []
  const url = source ? (findField(source.items, 'src') ?? findField(source.items, 'archive')) : null
  const checksums = source ? asList(findField(source.items, 'checksum')) : []
  const hashes = checksums.flatMap((value): OpamHash[] => {
    const text = value.kind === 'string' ? value.value.toLowerCase() : ''
    const [, kind, digits] = /^(md5|sha256|sha512)=([0-9a-f]+)$/.exec(text) ?? []
    if (digits === undefined || (kind !== 'md5' && kind !== 'sha256' && kind !== 'sha512')) return []
    return [{ kind, value: digits }]
  })
  return { name, version, url: url?.kind === 'string' ? url.value : null, digest: digestOf(hashes) }
}

/** MD5 only where there is nothing better. */
function digestOf(hashes: readonly OpamHash[]): Record<string, string> {
  const found = new Map(hashes.map(({ kind, value }) => [kind, value]))
  const strong = (['sha256', 'sha512'] as const).flatMap((kind) => {
    const value = found.get(kind)
    return value === undefined ? [] : [[kind, value] as const]
  })
  const md5 = found.get('md5')
  return Object.fromEntries(strong.length > 0 || md5 === undefined ? strong : [['md5', md5] as const])
}
