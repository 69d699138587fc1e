import {
  opamCommand,
  opamDependency,
  opamFiltered,
  opamList,
  opamRaw,
  opamString,
  opamStrings,
  printOpamFields,
  type OpamField,
  type OpamValue,
} from './opam-printer.ts'
import { closureOf, dependenciesOf, type PackageUniverse } from './package-universe.ts'
import type { Package } from './packages/package.ts'
import { digestOf } from './random.ts'

/** The package that the switch was made for. */
export type RootPackage = {
  name: string
  version: string
  synopsis: string
  description: string
  repository: string
  commit: string
  /** Packages that are linked into it. */
  libraries: readonly string[]
  /** A unikernel fetches its libraries into its own folder, and installs only tools. */
  unikernel: { target: string } | null
  /** Build commands beyond the usual ones. */
  packaging: readonly OpamValue[]
}

const buildTools = ['mirage', 'ocaml-solo5', 'opam-monorepo', 'solo5']

/** What orb exports after a build: `opam switch export --full`, with its own additions to a unikernel. */
export function exportSwitch(root: RootPackage, universe: PackageUniverse): string {
  const installed = closureOf(root.unikernel ? buildTools : root.libraries, universe).sort(byName)
  const names = [...installed, root].sort(byName).map(fullName)
  const sections = installed.map((entry) => ({ name: entry.name, fields: packageFields(entry) }))
  sections.push({
    name: root.name,
    fields: root.unikernel ? unikernelFields(root, universe) : rootFields(root, universe),
  })
  return printOpamFields([
    { name: 'opam-version', value: opamString('2.0') },
    { name: 'roots', value: opamRaw(`["${fullName(root)}"]`) },
    { name: 'installed', value: opamStrings(names) },
    ...sections.sort(byName).map(({ name, fields }) => ({ section: `package "${name}"`, fields })),
  ])
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : 1
}

function fullName({ name, version }: { name: string; version: string }): string {
  return `${name}.${version}`
}

/** What dune's packages run; a root package may add commands of its own. */
function duneBuild(more: readonly OpamValue[] = []): OpamField {
  const commands = [
    opamFiltered(opamCommand('"dune" "subst"'), 'dev'),
    opamCommand('"dune" "build" "-p" name "-j" jobs'),
    opamFiltered(opamCommand('"dune" "runtest" "-p" name "-j" jobs'), 'with-test'),
  ]
  return { name: 'build', value: opamList([...commands, ...more]) }
}

const commands: Record<Package['buildSystem'], readonly OpamField[]> = {
  dune: [duneBuild()],
  topkg: [{ name: 'build', value: opamCommand('"ocaml" "pkg/pkg.ml" "build" "--dev-pkg" "%{dev}%"') }],
  make: [
    {
      name: 'build',
      value: opamList([opamCommand('"./configure" "--prefix=%{prefix}%"'), opamCommand('make "-j%{jobs}%"')]),
    },
    { name: 'install', value: opamCommand('make "install"') },
  ],
  conf: [],
  virtual: [],
}

function toolDepends({ name, buildSystem }: Package): OpamValue[] {
  const bound = Number.parseInt(digestOf('md5', name).slice(0, 2), 16)
  const ocaml = opamDependency(`ocaml {>= "4.${String(8 + (bound % 7)).padStart(2, '0')}.0"}`)
  if (name === 'dune') return [opamDependency('ocaml {>= "4.14"}')]
  if (name === 'topkg') return [opamDependency('ocaml {>= "4.08.0"}')]
  if (buildSystem === 'dune') return [ocaml, opamDependency(`dune {>= "${2 + (bound % 2)}.${bound % 9}"}`)]
  if (buildSystem === 'topkg')
    return [ocaml, ...['ocamlfind', 'ocamlbuild', 'topkg'].map((tool) => opamDependency(`${tool} {build}`))]
  return []
}

function describe({
  name,
  repository,
  synopsis,
}: Pick<Package, 'name' | 'repository' | 'synopsis'>): OpamField[] {
  const owner = repository.split('/')[0]
  const home = repository ? `https://github.com/${repository}` : 'https://github.com/ocaml/opam-repository'
  return [
    { name: 'synopsis', value: opamString(synopsis) },
    {
      name: 'maintainer',
      value: opamString(owner ? `The ${owner} team <team@${owner.toLowerCase()}.example>` : `${home}/issues`),
    },
    ...(repository
      ? [
          { name: 'authors', value: opamString(`The authors of ${name}`) },
          { name: 'license', value: opamString('ISC') },
        ]
      : []),
    { name: 'homepage', value: opamString(home) },
    { name: 'bug-reports', value: opamString(`${home}/issues`) },
  ]
}

function packageFields(entry: Package): OpamField[] {
  const { version, repository, depends, buildSystem, extraFields } = entry
  const allDepends = [...toolDepends(entry), ...depends.map(opamDependency)]
  const hasArchive = repository !== '' && buildSystem !== 'virtual' && buildSystem !== 'conf'
  return [
    { name: 'opam-version', value: opamString('2.0') },
    { name: 'version', value: opamString(version) },
    ...describe(entry),
    ...(allDepends.length > 0 ? [{ name: 'depends', value: opamList(allDepends) }] : []),
    ...extra(extraFields, ['depopts', 'conflicts', 'conflict-class', 'available', 'flags', 'setenv']),
    ...commands[buildSystem],
    ...extra(extraFields, ['build', 'build-env', 'depexts']),
    ...(hasArchive
      ? [
          { name: 'dev-repo', value: opamString(`git+https://github.com/${repository}.git`) },
          {
            section: 'url',
            fields: [
              { name: 'src', value: opamString(archiveUrl(entry)) },
              { name: 'checksum', value: opamStrings(checksums(entry)) },
            ],
          },
          { name: 'x-commit-hash', value: opamString(digestOf('sha1', `${repository} ${version}`)) },
        ]
      : []),
  ]
}

function extra(fields: Readonly<Record<string, string>>, names: readonly string[]): OpamField[] {
  return names.flatMap((name) => {
    const text = fields[name]
    return text === undefined ? [] : [{ name, value: opamRaw(text) }]
  })
}

function archiveUrl({ repository, version }: Package): string {
  const project = repository.split('/')[1] ?? repository
  return `https://github.com/${repository}/releases/download/v${version}/${project}-${version}.tbz`
}

function checksums({ repository, version }: Package): string[] {
  const archive = `${repository} ${version}`
  return [`sha256=${digestOf('sha256', archive)}`, `sha512=${digestOf('sha512', archive)}`]
}

function rootFields(root: RootPackage, universe: PackageUniverse): OpamField[] {
  return [
    ...rootHead(root),
    {
      name: 'depends',
      value: opamList([
        opamDependency('ocaml {>= "4.14.0"}'),
        opamDependency('dune {>= "2.9"}'),
        ...root.libraries.map((name) => opamDependency(universe.has(name) ? name : `${name} {with-test}`)),
        opamDependency('alcotest {with-test}'),
      ]),
    },
    duneBuild(root.packaging),
    { name: 'dev-repo', value: opamString(`git+https://github.com/${root.repository}.git`) },
    sourceUrl(root),
    { name: 'x-commit-hash', value: opamString(root.commit) },
  ]
}

function rootHead(root: RootPackage): OpamField[] {
  return [
    { name: 'opam-version', value: opamString('2.0') },
    { name: 'version', value: opamString(root.version) },
    { name: 'synopsis', value: opamString(root.synopsis) },
    { name: 'description', value: opamString(root.description) },
    ...describe(root).slice(1),
  ]
}

function sourceUrl({ repository, commit }: RootPackage): OpamField {
  return {
    section: 'url',
    fields: [
      { name: 'src', value: opamString(`git+https://github.com/${repository}.git#${commit.slice(0, 8)}`) },
    ],
  }
}

/** The fields that `mirage configure` and orb write. Shapes: robur-coop/orb, opam-monorepo. */
function unikernelFields(root: RootPackage, universe: PackageUniverse): OpamField[] {
  const target = root.unikernel?.target ?? ''
  const libraries = closureOf(root.libraries, universe)
  const fetched = libraries.filter(({ buildSystem }) => buildSystem === 'dune' || buildSystem === 'topkg')
  const depends = [
    ...root.libraries.map((name) => `${name} {?monorepo}`),
    ...buildTools.map((name) => `${name} {build & >= "${universe.get(name)?.version ?? '0'}"}`),
  ]
  const all = [
    ...new Map(
      [...libraries, ...closureOf(buildTools, universe)].map((entry) => [entry.name, entry]),
    ).values(),
  ]
  const graph = all.map((entry) => ({ name: entry.name, depends: dependenciesOf(entry, universe) }))
  graph.push({ name: root.name, depends: [...root.libraries, ...buildTools] })
  const strings = (names: readonly string[]) => opamStrings([...names].sort())
  return [
    ...rootHead(root),
    { name: 'depends', value: opamList(depends.sort().map(opamDependency)) },
    { name: 'build', value: opamRaw('[make "build"]') },
    {
      name: 'install',
      value: opamList([
        opamStrings(['cp', `dist/${root.name}.${target}`, `%{bin}%/${root.name}.${target}`]),
        opamStrings(['cp', `dist/${root.name}.${target}.debug`, `%{prefix}%/${root.name}.${target}.debug`]),
        opamStrings(['sh', '-exc', 'test -f README.md && cp README.md %{prefix}%/README.md || true']),
      ]),
    },
    { name: 'dev-repo', value: opamString(`git+https://github.com/${root.repository}.git`) },
    sourceUrl(root),
    {
      name: 'x-mirage-configure',
      value: opamStrings(['sh', '-exc', `mirage configure -t ${target} --no-extra-repo`]),
    },
    { name: 'x-mirage-opam-lock-location', value: opamString(`mirage/${root.name}-${target}.opam.locked`) },
    { name: 'x-mirage-pre-build', value: opamRaw('[make "lock" "depext-lockfile" "pull"]') },
    { name: 'x-opam-monorepo-duniverse-dirs', value: opamList(duniverse(fetched)) },
    { name: 'x-opam-monorepo-opam-provided', value: opamStrings(buildTools) },
    {
      name: 'x-orb-dependencies',
      value: opamList(
        graph
          .sort(byName)
          .map(({ name, depends: on }) =>
            opamList([opamString(name), on.length > 0 ? strings(on) : opamRaw('[]')]),
          ),
      ),
    },
  ]
}

/** One folder per repository: `[url folder [checksum…]]`. */
function duniverse(packages: readonly Package[]): OpamValue[] {
  const byRepository = new Map(packages.map((entry) => [entry.repository, entry]))
  return [...byRepository.values()]
    .map((entry) => ({ entry, url: archiveUrl(entry) }))
    .sort((a, b) => (a.url < b.url ? -1 : 1))
    .map(({ entry, url }) =>
      opamList([
        opamString(url),
        opamString(entry.repository.split('/')[1] ?? entry.name),
        opamStrings(checksums(entry)),
      ]),
    )
}
