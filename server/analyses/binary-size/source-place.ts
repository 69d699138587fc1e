import type { Source } from '../../formats/dwarf/source-index.ts'

/** What a source file belongs to, and its path there. */
export type SourcePlace =
  | { kind: 'package'; name: string; path: string }
  | { kind: 'runtime'; path: string }
  | { kind: 'unknown'; path: string }

/** The compiler's packages are one to those who look at its standard library. */
const compilerPackages = new Set([
  'ocaml-base-compiler',
  'ocaml-compiler',
  'ocaml-src',
  'ocaml-system',
  'ocaml-variants',
])

/** Parts of OCaml's sources, below a folder called after it or given as `./runtime`, as its own build does. */
const runtimeFolders = new Set(['runtime', 'asmrun', 'byterun'])
const libraryFolders = new Set(['stdlib', 'otherlibs'])

/** Where a compiler found a source, told by the folders that package managers use. */
export function placeOfSource({ path, folder }: Source): SourcePlace {
  const whole = path.startsWith('/') || folder === null ? path : `${folder}/${path}`
  const segments = whole
    .split('/')
    .filter((segment, index) => segment !== '' && (segment !== '.' || index === 0))
  const ocamlAt = segments.findIndex(
    (segment, index) => segment.startsWith('ocaml') || (segment === '.' && index === 0),
  )
  if (ocamlAt >= 0) {
    const inOcaml = segments.slice(ocamlAt + 1, -1)
    const runtime = inOcaml.findIndex((segment) => runtimeFolders.has(segment))
    if (runtime >= 0) return { kind: 'runtime', path: pathFrom(segments, ocamlAt + runtime + 2) }
    const library = inOcaml.findIndex((segment) => libraryFolders.has(segment))
    if (library >= 0)
      return { kind: 'package', name: 'ocaml', path: pathFrom(segments, ocamlAt + library + 1) }
  }
  const packageAt = segments.findLastIndex((_, index) => isPackageFolder(segments, index)) + 1
  const name = segments[packageAt]?.split('.')[0]
  if (packageAt > 0 && name && packageAt < segments.length - 1) {
    // Dune builds in a copy of the package's folder.
    const start = packageAt + (segments[packageAt + 1] === '_build' ? 3 : 1)
    const inPackage = pathFrom(segments, Math.min(start, segments.length - 1))
    return { kind: 'package', name: compilerPackages.has(name) ? 'ocaml' : name, path: inPackage }
  }
  return { kind: 'unknown', path: path.replace(/^(?:\.\/)+/, '') }
}

/**
 * Whether the folders in this one are packages: where opam builds and installs, and where copies of sources are kept.
 */
function isPackageFolder(segments: readonly string[], index: number): boolean {
  const [before, segment] = [segments[index - 1], segments[index]]
  if (segment === 'duniverse' || segment === 'vendor' || segment === 'vendors') return true
  if (segment === 'build' || segment === 'sources') return before === '.opam-switch'
  return segment === 'lib' && (before === '_opam' || segments[index - 2] === '.opam')
}

function pathFrom(segments: readonly string[], start: number): string {
  return segments.slice(start).join('/')
}

const distributionModules =
  /^(?:Stdlib|Std_exit|Camlinternal\w*|Unix|UnixLabels|Str|Dynlink|Thread|Mutex|Condition|Event|Semaphore|Runtime_events|Profiling)$/

/** The modules of OCaml's own libraries, for programs that do not say where their code comes from. */
export function isOfDistribution(module: string): boolean {
  return distributionModules.test(module)
}
