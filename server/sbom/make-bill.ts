import { compareBytes } from '../compare-bytes.ts'
import type { NamedValues } from '../formats/named-values.ts'
import { opamPurl, systemPurl } from '../formats/purl.ts'
import type { ComponentList, InstalledComponent, VendoredSource } from '../package-sets/component-list.ts'
import type { Identity } from '../package-sets/identify-source.ts'
import type { Bill, BillComponent } from './bill.ts'

/** Facts of a build that its bill of materials has beside its packages. */
export type BilledBuild = Pick<
  Bill,
  'uuid' | 'job' | 'platform' | 'url' | 'finishedAt' | 'software' | 'mainBinarySha256'
>

/** `identities` are those of `list.vendored`, in its order. `system` are the packages of the operating system; null: the build has not told them. */
export function makeBill(
  build: BilledBuild,
  list: ComponentList,
  identities: readonly Identity[],
  system: NamedValues | null,
): Bill {
  const keys = keyMaker()
  const installed = list.installed.map((one) => installedComponent(one, keys('opam', one.name)))
  const folders = list.vendored.map((one, index) =>
    vendoredComponents(one, identities[index] ?? { by: 'NOTHING', packages: [] }, keys),
  )
  const rootIndex = list.installed.findIndex(({ name }) => name === list.root?.name)
  const root = installed[rootIndex] ?? unknownRoot(build, keys('job', build.job))
  const parts = [...installed, ...folders.flat()]
  // What needs a folder needs the first package in it, as nobody knows which.
  const ends = [...installed, ...folders.map(([first]) => first)]
  const dependencies = list.edges.from.flatMap((from, index) => {
    const [one, other] = [ends[from], ends[list.edges.to[index] ?? -1]]
    return one && other ? [[one.key, other.key] as const] : []
  })
  const needed = new Set(dependencies.map(([, to]) => to))
  const ofRoot = parts.filter((one) => one !== root && !needed.has(one.key))
  return {
    ...build,
    isUnikernel: list.isUnikernel,
    root,
    components: [
      ...parts.filter((one) => one !== root),
      ...[...(system ?? [])]
        .toSorted(([left], [right]) => compareBytes(left, right))
        .map(([name, version]) => systemComponent(build.platform, name, version, keys('system', name))),
    ],
    dependencies: [...dependencies, ...ofRoot.map(({ key }) => [root.key, key] as const)],
  }
}

/** SPDX takes letters, digits, `.` and `-` in its ids: others become `-`, and equal keys get a number. */
function keyMaker(): (kind: string, name: string) => string {
  const used = new Map<string, number>()
  return (kind, name) => {
    const key = `${kind}-${name.replace(/[^A-Za-z0-9.-]/g, '-')}`
    const count = (used.get(key) ?? 0) + 1
    used.set(key, count)
    return count === 1 ? key : `${key}-${count}`
  }
}

function installedComponent({ name, version, ...facts }: InstalledComponent, key: string): BillComponent {
  return { ...facts, key, name, version, origin: 'SWITCH', purl: opamPurl(name, version) }
}

/** The packages in a folder, those with short names first; or the folder itself if nobody knows what is in it. */
function vendoredComponents(
  { dir, url, hashes }: VendoredSource,
  { by, packages }: Identity,
  keyOf: ReturnType<typeof keyMaker>,
): BillComponent[] {
  const found = packages.toSorted((l, r) => l.name.length - r.name.length || compareBytes(l.name, r.name))
  const facts = { ...nothingKnown, origin: by, isRequired: true, url, hashes }
  if (found.length === 0)
    return [{ ...facts, key: keyOf('source', dir), name: dir, version: null, purl: null }]
  return found.map(({ name, version }) => ({
    ...{ ...facts, key: keyOf('source', name), name, version, purl: opamPurl(name, version) },
  }))
}

const nothingKnown = {
  licence: null,
  url: null,
  hashes: [],
  homepage: null,
  repository: null,
  bugReports: null,
}

function systemComponent(platform: string, name: string, version: string, key: string): BillComponent {
  const purl = systemPurl(platform, name, version)
  return {
    ...{ key, name, version: version || null, origin: 'SYSTEM', isRequired: false, purl },
    ...nothingKnown,
  }
}

const unknownRoot = ({ job }: BilledBuild, key: string): BillComponent => ({
  ...{ key, name: job, version: null, origin: 'SWITCH', isRequired: true, purl: null },
  ...nothingKnown,
})
