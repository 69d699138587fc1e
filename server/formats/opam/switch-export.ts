import { OpamSyntaxError } from './opam-error.ts'
import { asList, type OpamField, type OpamItem, type OpamSection } from './opam-value.ts'
import { parseOpam } from './parser.ts'

export type InstalledPackage = { readonly name: string; readonly version: string }

/**
 * The content of `opam switch export --full`. `packages` has the sections by package name, in the order of the
 * file. An export without `--full` has no sections, or only those of pinned packages.
 */
export type SwitchExport = {
  readonly roots: readonly InstalledPackage[]
  readonly installed: readonly InstalledPackage[]
  readonly pinned: readonly InstalledPackage[]
  readonly compiler: readonly InstalledPackage[]
  readonly packages: ReadonlyMap<string, OpamSection>
}

/**
 * Reads an `opam-switch` file. A list of one package may lack its brackets; an absent list is empty. Throws
 * OpamSyntaxError, also if a list contains something else than packages, and OpamLimitError.
 * Source: opam, OpamFile.SwitchExport.
 */
export function parseSwitchExport(text: string): SwitchExport {
  const items = parseOpam(text)
  return {
    roots: packageList(text, items, 'roots'),
    installed: packageList(text, items, 'installed'),
    pinned: packageList(text, items, 'pinned'),
    compiler: packageList(text, items, 'compiler'),
    packages: packageSections(items),
  }
}

/** The only root with its section; an export without `--full` has no section. Null for no or several roots. */
export function findRoot(
  it: SwitchExport,
): { readonly root: InstalledPackage; readonly section: OpamSection | null } | null {
  const [root] = it.roots
  if (it.roots.length !== 1 || !root) return null
  return { root, section: it.packages.get(root.name) ?? null }
}

function packageList(text: string, items: readonly OpamItem[], name: string): InstalledPackage[] {
  const field = items.findLast((it): it is OpamField => it.kind === 'field' && it.name === name)
  if (!field) return []
  return asList(field.value).map((item) => {
    // opam reads `"name.version" {options}` in this list alone, and ignores the options: early opam 2.0 wrote them.
    const value = name === 'pinned' && item.kind === 'option' ? item.value : item
    if (value.kind !== 'string') throw new OpamSyntaxError(text, field.at, `${name} is no list of packages`)
    // Versions may contain dots, names do not.
    const dot = value.value.indexOf('.')
    if (dot <= 0 || dot === value.value.length - 1)
      throw new OpamSyntaxError(
        text,
        field.at,
        `${name} has ${JSON.stringify(value.value)}, which is no name.version`,
      )
    return { name: value.value.slice(0, dot), version: value.value.slice(dot + 1) }
  })
}

function packageSections(items: readonly OpamItem[]): Map<string, OpamSection> {
  const sections = new Map<string, OpamSection>()
  for (const item of items)
    if (item.kind === 'section' && item.type === 'package' && item.name !== null)
      sections.set(item.name, item)
  return sections
}
