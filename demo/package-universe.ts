import { cryptography } from './packages/cryptography.ts'
import { domainNames } from './packages/domain-names.ts'
import { foundations } from './packages/foundations.ts'
import { mirageOs } from './packages/mirage-os.ts'
import { dependencyName, type Package } from './packages/package.ts'
import { toolchain } from './packages/toolchain.ts'
import { webAndGit } from './packages/web-and-git.ts'

/** The state of the opam repository on a day: by name, the one version that the solver picks. */
export type PackageUniverse = ReadonlyMap<string, Package>

type Release = {
  /** Days before the demo's present. */
  daysAgo: number
  /** New versions, of all packages of a repository. */
  versions?: Record<string, string>
  /** Packages whose opam file changes: with a new version, or (as happens) without one. */
  edits?: Record<string, (before: Package) => Partial<Package>>
}

/** What happened in the opam repository, oldest first. */
export const releases: readonly Release[] = [
  {
    daysAgo: 152,
    versions: {
      'mirage/ocaml-dns': '10.1.0',
      'mirage/mirage-tcpip': '9.0.1',
      'ocsigen/lwt': '5.9.2',
      'mirage/ocaml-ipaddr': '5.6.1',
    },
  },
  {
    daysAgo: 118,
    versions: {
      'robur-coop/git-kv': '0.2.0',
      'robur-coop/http-lwt-client': '0.3.1',
      'dbuenzli/topkg': '1.1.0',
      'dbuenzli/logs': '0.9.0',
    },
    edits: {
      'git-kv': ({ depends }) => ({ depends: replace(depends, 'duff', 'carton {>= "1.1.0"}') }),
      'http-lwt-client': ({ depends }) => ({ depends: replace(depends, 'httpaf', 'h1 {>= "1.0.0"}') }),
    },
  },
  {
    daysAgo: 82,
    // Maintainers of the repository tighten bounds of versions that are out already.
    edits: {
      'mirage-crypto': ({ depends, extraFields }) => ({
        depends: replace(depends, 'eqaf', 'eqaf {>= "0.9"}'),
        extraFields: {
          ...extraFields,
          conflicts: '[\n    "result" {< "1.5"}\n  ]',
          'build-env': '[OCAMLPARAM = "_,g=1"]',
        },
      }),
      fmt: ({ extraFields }) => ({
        extraFields: {
          ...extraFields,
          depopts: '["base-unix" "cmdliner"]',
          conflicts: '[\n    "cmdliner" {< "1.3.0"}\n  ]',
        },
      }),
      lwt: ({ extraFields }) => ({
        extraFields: { ...extraFields, depopts: '["base-threads" "base-unix" "conf-libev"]' },
      }),
    },
  },
  {
    daysAgo: 52,
    versions: {
      'ocaml/ocaml': '5.3.0',
      'mirage/ocaml-solo5': '1.1.0',
      'ocaml/dune': '3.20.2',
      'mirage/mirage': '4.10.1',
    },
    edits: {
      ocaml: () => ({
        version: '5.3.0',
        depends: [
          'ocaml-config {>= "3"}',
          '("ocaml-base-compiler" {= "5.3.0"} | "ocaml-variants" {>= "5.3.0" & < "5.3.1~"} | "ocaml-system" {= "5.3.0"})',
        ],
      }),
    },
  },
  {
    daysAgo: 25,
    versions: {
      'mirage/mirage-crypto': '2.1.0',
      'mirleft/ocaml-tls': '2.0.3',
      'mirleft/ocaml-x509': '1.0.7',
      'mirage/ca-certs-nss': '3.115',
    },
  },
  // A release that does not compile, and its withdrawal some hours later.
  { daysAgo: 20.9, versions: { 'dbuenzli/fmt': '0.10.1' } },
  { daysAgo: 20.3, versions: { 'dbuenzli/fmt': '0.10.0' } },
  {
    daysAgo: 6,
    versions: {
      'mirage/ocaml-dns': '10.2.0',
      'robur-coop/happy-eyeballs': '2.0.1',
      'robur-coop/carton': '1.2.0',
      'mirage/decompress': '1.6.0',
    },
  },
]

function replace(depends: readonly string[], name: string, by: string): string[] {
  return depends.map((dependency) => (dependencyName(dependency) === name ? by : dependency))
}

/** The repository as it was, for a compiler: `null` takes the newest release of the day. */
export function packagesAt(daysAgo: number, pinnedCompiler: string | null): PackageUniverse {
  const universe = new Map(
    [...toolchain, ...foundations, ...cryptography, ...mirageOs, ...domainNames, ...webAndGit].map(
      (entry) => [entry.name, entry],
    ),
  )
  const edit = (entry: Package, change: Partial<Package>) => universe.set(entry.name, { ...entry, ...change })
  for (const release of releases.filter((candidate) => candidate.daysAgo >= daysAgo)) {
    for (const entry of universe.values()) {
      const version = release.versions?.[entry.repository]
      if (version)
        edit(entry, {
          version,
          depends: entry.depends.map((text) => text.replaceAll(entry.version, version)),
        })
    }
    for (const [name, change] of Object.entries(release.edits ?? {})) {
      const entry = universe.get(name)
      if (entry) edit(entry, change(entry))
    }
  }
  return pinnedCompiler ? withCompiler(universe, pinnedCompiler) : universe
}

/** An older compiler: it has no domains, and its cross compiler is older too. */
function withCompiler(universe: PackageUniverse, version: string): PackageUniverse {
  const pinned = new Map(universe)
  pinned.delete('base-domains')
  pinned.delete('base-nnp')
  for (const entry of universe.values()) {
    const isCompiler = entry.name === 'ocaml' || entry.repository === 'ocaml/ocaml'
    if (!isCompiler && entry.repository !== 'mirage/ocaml-solo5') continue
    pinned.set(entry.name, {
      ...entry,
      version: isCompiler ? version : '0.8.5',
      depends: entry.depends
        .filter((text) => !/^base-(domains|nnp)/.test(text))
        .map((text) => text.replaceAll(/5\.[23]\.[01]/g, version)),
    })
  }
  return pinned
}

/** The packages and all that they depend on, dependencies first, equal inputs in equal order. */
export function closureOf(names: readonly string[], universe: PackageUniverse): Package[] {
  const found = new Map<string, Package>()
  const visiting = new Set<string>()
  const visit = (name: string) => {
    const entry = universe.get(name)
    if (!entry || visiting.has(name)) return
    visiting.add(name)
    for (const dependency of dependenciesOf(entry, universe)) visit(dependency)
    found.set(name, entry)
  }
  for (const name of names) visit(name)
  return [...found.values()]
}

/** Names of the installable packages that a package depends on, its build tool and the compiler included. */
export function dependenciesOf(entry: Package, universe: PackageUniverse): string[] {
  const tools = {
    dune: ['ocaml', 'dune'],
    topkg: ['ocaml', 'ocamlfind', 'ocamlbuild', 'topkg'],
    make: [],
    conf: [],
    virtual: [],
  }
  const implied = entry.name === 'dune' || entry.name === 'topkg' ? ['ocaml'] : tools[entry.buildSystem]
  const alternatives = entry.name === 'ocaml' ? ['ocaml-base-compiler'] : []
  const named = entry.depends.flatMap((text) => dependencyName(text) ?? [])
  return [...new Set([...implied, ...alternatives, ...named])].filter(
    (name) => name !== entry.name && universe.has(name),
  )
}
