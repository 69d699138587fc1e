import type { ReadLine } from '../console-lines.ts'
import { anyOf, type FailureRule } from '../failure-rule.ts'
import { placeBefore, placePattern } from '../place.ts'

const testTarget = String.raw`\[(?:[^\]\s]{1,200}: )?(?:\S{0,100}[-_\/.])?(?:check|tests?|runtest|test-suite\.log)(?:-\w{1,40})?\]`
const make = String.raw`^(?:g|b)?make(?:\[\d+\])?: `

/** Tools that say only that something failed, and shells that say what they could not do. */
export const stopRules: readonly FailureRule[] = [
  {
    name: 'command-missing',
    class: 'UNKNOWN',
    rank: 'FAILURE',
    because: 'a command of the build script is not there',
    pattern: anyOf(
      String.raw`^\S{1,200}: (?:\d+: |line \d+: )?[^\s:]{1,200}: (?:command )?not found$`,
      String.raw`^(?:\/usr\/bin\/)?env: ['‘]?[^'’:]{1,200}['’]?: No such file or directory$`,
      String.raw`${make}[^\s:*]{1,100}: (?:Command not found|No such file or directory)$`,
      String.raw`^\[ERROR\] Command not found: `,
    ),
    undoneBy: ['WORK', 'CONFIGURE', 'FETCHED'],
    reach: 15,
  },
  {
    name: 'system-lock',
    class: 'UNKNOWN',
    rank: 'FAILURE',
    because: 'another process used the system packages at the same time',
    pattern:
      /^E: (?:Could not get lock |Unable to (?:acquire the dpkg frontend lock|lock the administration directory))|^pkg(?:-static)?: Cannot get an? (?:\w{1,20} )?lock on a database/,
    reach: 30,
  },
  {
    name: 'make-test',
    class: 'TEST_FAILED',
    rank: 'STOP',
    because: 'the tests that make ran failed',
    pattern: anyOf(
      String.raw`${make}\*\*\* ${testTarget} Error \d`,
      String.raw`^\*\*\* Error code \d+ \(.{0,40}tests?\b`,
    ),
  },
  {
    name: 'make',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'make stopped',
    pattern: anyOf(
      String.raw`${make}\*\*\* `,
      // BSD make. What a makefile ignores says so at the end of the line.
      String.raw`^\*\*\* Error code [1-9]\d*$`,
      String.raw`^b?make(?:\[\d+\])?: stopped (?:making "[^"]{1,200}" )?in \/`,
      String.raw`^ninja: build stopped`,
      String.raw`^ninja: error: `,
    ),
  },
  {
    name: 'dune-rule',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'a command of a dune rule failed',
    pattern: /^File "(?:[^"]{0,300}\/)?dune(?:\.inc)?", lines? \d+(?:-\d+)?, characters \d+-\d+:$/,
    where: isFailedRule,
  },
  {
    name: 'dune-command',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'a command that dune ran failed',
    pattern: /^Command (?:\[\d+\] )?exited with code [1-9]|^ +\S.{0,300} \(exit [1-9]\d*\)$/,
  },
  {
    name: 'ocamlbuild',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'ocamlbuild stopped',
    pattern:
      /^Compilation unsuccessful after building |^E: Failure\("Command |^\S{1,100}\.ml: \[ERROR\] cmd \[?'/,
  },
  {
    name: 'opam-build',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'a package could not be built',
    pattern:
      /^#=== ERROR while (?:compiling|installing) |^\[ERROR\] The (?:compilation|installation|build) of \S{1,200} failed/,
  },
  {
    name: 'compiler-driver',
    class: 'COMPILE_ERROR',
    rank: 'STOP',
    because: 'the C compiler stopped',
    pattern: /^(?:\S{0,60}-)?(?:gcc|cc|clang|g\+\+|c\+\+|clang\+\+)(?:-\d+)?: (?:fatal )?error: /,
    undoneBy: ['CONFIGURE'],
  },
  {
    name: 'dpkg',
    class: 'UNKNOWN',
    rank: 'HINT',
    because: 'dpkg could not set up a package',
    pattern:
      /^dpkg: error processing (?:package|archive) |^E: Sub-process \/usr\/bin\/dpkg returned an error code/,
  },
  {
    name: 'uncaught-exception',
    class: 'UNKNOWN',
    rank: 'HINT',
    because: 'an exception that nothing caught ended a program',
    pattern: /^Fatal error: exception |^Traceback \(most recent call last\):/,
    undoneBy: ['WORK', 'CONFIGURE'],
    reach: 40,
  },
  {
    name: 'error-line',
    class: 'UNKNOWN',
    rank: 'HINT',
    because: 'a command printed an error',
    pattern:
      /^(?:\S{1,60}: ){0,2}(?:\[(?:ERROR|FATAL)\]|(?:[Ee]rror|ERROR|[Ff]atal(?: error)?|FATAL)(?: ?\(\w{1,40}\))?:) ?(?! *\d+$)\S/,
    undoneBy: ['WORK', 'CONFIGURE', 'FETCHED'],
    reach: 30,
  },
]

/** dune gives a rule's place, and then what the rule's command printed, or dune's own error or warning. */
function isFailedRule(lines: readonly ReadLine[], at: number): boolean {
  for (let i = at + 1; i < Math.min(lines.length, at + 20); i++) {
    const { said } = lines[i] ?? { said: '' }
    if (placeBefore(lines, i, 20) !== at) return false
    if (/^\s|^ *\d+ \||^\^|^\.{3}/.test(said)) continue
    return said !== '' && !/^(?:Error|Warning)\b|^(?:---|diff --git)/.test(said) && !placePattern.test(said)
  }
  return false
}
