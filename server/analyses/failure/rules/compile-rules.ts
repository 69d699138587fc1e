import type { ReadLine } from '../console-lines.ts'
import { anyOf, type FailureRule } from '../failure-rule.ts'
import { placeBefore } from '../place.ts'

/** Messages of OCaml and dune that come without a place. */
const ocamlMessage =
  /^Error: (?:Library "|No rule found for |Don't know how to build |Dependency cycle |Multiple rules generated for |Program \S{1,200} not found in the tree|The package \S{1,200} does not have |Alias "|Conflict between the following|Some fatal warnings were triggered|Unbound |No implementations? (?:provided|found)|Error while linking|Error during linking|Required module |The files \S{1,400} and |File unavailable: |Unresolved |Module "|Package \S{1,200} does not exist|I\/O error: |Assembler error|exception )/

/** What compilers, linkers and configure refuse. */
export const compileRules: readonly FailureRule[] = [
  {
    name: 'ocaml-error',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'the compiler, or dune, refused a file',
    pattern: /^Error(?: \([^)]{1,100}\))?: (?!Files \S{1,400} and \S{1,400} differ\.$)|^Parse error: /,
    where: (lines, at) =>
      /^Error \((?:warning|alert)/.test(lines[at]?.said ?? '') ||
      ocamlMessage.test(lines[at]?.said ?? '') ||
      placeBefore(lines, at, 60) !== null,
  },
  {
    name: 'ocaml-syntax',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'the compiler, or dune, refused a file',
    pattern: /^File "[^"]{1,300}\.ml[lyi]?", line \d+, characters? [\d-]+: (?:syntax error|[Ee]rror)/,
  },
  {
    name: 'c-error',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'the C compiler refused a file',
    pattern: anyOf(
      String.raw`^(?!conftest|configure:)[^\s:]{1,300}:\d+(?::\d+)?: (?:fatal error|error|Error|internal compiler error): `,
      String.raw`^cc1\S{0,8}: (?:all warnings being treated as errors|(?:fatal )?error: )`,
    ),
    undoneBy: ['CONFIGURE'],
  },
  {
    name: 'link-error',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'the program could not be linked',
    pattern: anyOf(
      String.raw`: undefined reference to [\`'‘"]`,
      String.raw`: multiple definition of [\`'‘"]`,
      String.raw`: relocation truncated to fit: `,
      String.raw`^(?:\S{0,200}[\/-])?(?:ld|lld|mold|gold)(?:\.\w+)?: (?:cannot find |error: |fatal: |undefined symbol: |library '?\S{1,100} not found|library not found for |final link failed: )`,
      String.raw`^Undefined symbols for architecture `,
      String.raw`^collect2: (?:fatal )?error: `,
      String.raw`^(?:clang|c\+\+|cc)\S{0,10}: error: linker command failed`,
      String.raw`^error: linking with [\`'][^\`']{1,100}[\`'] failed`,
      String.raw`^Error: Error during linking`,
    ),
    undoneBy: ['CONFIGURE'],
  },
  {
    name: 'language-error',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'the compiler of another language refused a file',
    pattern: anyOf(
      String.raw`^error\[E\d{4}\]: `,
      String.raw`^error: could not compile [\`']`,
      String.raw`^(?:vet: )?(?:\.\/)?\S{1,300}\.go:\d+:\d+: \S`,
      String.raw`^\S{1,300}\.tsx?(?:\(\d+,\d+\)|:\d+:\d+) ?[:-] error TS\d+: `,
      String.raw`^ERROR: Failed (?:building wheel for|to build installable wheels)`,
      String.raw`^error: (?:subprocess-exited-with-error|metadata-generation-failed|command '\S{1,200}' failed with exit )`,
    ),
    where: isNoTestOfGo,
  },
  {
    name: 'library-missing',
    class: 'COMPILE_ERROR',
    rank: 'FAILURE',
    because: 'a library or program that the build needs is missing',
    pattern: anyOf(
      String.raw`^(?:\S{0,100}\/)?configure(?:\.sh)?: (?:error|ERROR): `,
      String.raw`^configure:\d+: error: `,
      String.raw`^CMake Error\b`,
      String.raw`^meson\.build:\d+:\d+: ERROR: `,
      String.raw`^ocamlfind: Package [\`'][^\`']{1,200}' not found`,
      String.raw`^Package '?\S{1,200}, required by '[^']{1,200}', not found$`,
      String.raw`^Package '?\S{1,200} was not found in the pkg-config search path`,
    ),
    undoneBy: ['CONFIGURE'],
  },
  {
    name: 'sandbox',
    class: 'UNKNOWN',
    rank: 'CAUSE',
    because: "opam's sandbox (bubblewrap) could not be set up",
    pattern: anyOf(
      String.raw`^bwrap: (?:Creating new namespace failed|No permissions to create(?: a)? new namespace|setting up uid map|Failed to make \/ slave|Can't (?:mount proc|create file at)|loopback: )`,
      String.raw`^\[ERROR\] Sandboxing is not working`,
    ),
    reach: 100,
  },
]

/** A test of Go prints places of its messages as the compiler does, but indented. */
function isNoTestOfGo(lines: readonly ReadLine[], at: number): boolean {
  return !lines.slice(Math.max(0, at - 5), at).some(({ said }) => /^ *--- FAIL: |^=== /.test(said))
}
