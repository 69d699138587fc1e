import type { ReadLine } from '../console-lines.ts'
import { anyOf, type FailureRule } from '../failure-rule.ts'
import { isDiffHeading } from '../line-kinds.ts'
import { isTestPlace, placeBefore } from '../place.ts'

/** Tests that fail, by what runs them. */
export const testRules: readonly FailureRule[] = [
  {
    name: 'opam-test',
    class: 'TEST_FAILED',
    rank: 'FAILURE',
    because: 'the tests of a package failed',
    pattern: anyOf(
      String.raw`^#=== ERROR while (?:testing |running tests for )`,
      String.raw`^\[ERROR\] The tests? of \S{1,200} failed`,
      String.raw`^\[ERROR\] The \w{1,20} of \S{1,200} failed at "[^"]{0,1000}(?:runtest|@test\b|make"? "?(?:test|check)\b)`,
    ),
  },
  {
    name: 'test',
    class: 'TEST_FAILED',
    rank: 'FAILURE',
    because: 'a test failed',
    pattern: anyOf(
      // Alcotest, OUnit, QCheck, ppx_inline_test
      String.raw`^[│|> ]*\[FAIL\]`,
      String.raw`^Test Failed!`,
      String.raw`^\d+ (?:error|failure)s?! in \d`,
      String.raw`^FAILED: Cases: \d`,
      String.raw`^failure \(\d+ tests? failed`,
      String.raw`^-{3,} (?:Failure|Error) -{5,}`,
      String.raw`^\[✗\] `,
      // Crowbar
      String.raw`^\w[\w .-]{0,100}: FAIL$`,
      String.raw`^FAILED \d+ / \d+ tests?\b`,
      // cram, bats and TAP, prove, automake, kyua, meson, ctest
      String.raw`^Ran \d+ tests?, \d+ skipped, [1-9]\d* failed`,
      String.raw`^ *not ok \d+\b`,
      String.raw`^ *Failed test '`,
      String.raw`^Result: FAIL$`,
      String.raw`^Looks like you failed \d+ tests? of \d`,
      String.raw`^(?:FAIL|ERROR|XPASS): +[1-9]\d*$`,
      String.raw`^(?:FAIL|XPASS): \S{1,200}(?: \d+\b.*)?$`,
      String.raw`^\d+\/\d+ passed \([1-9]\d* (?:broken and \d+ )?failed\)`,
      String.raw`^Fail: +[1-9]\d*$`,
      String.raw`^The following tests FAILED:`,
      String.raw`^\d+% tests passed, [1-9]\d* tests? failed out of`,
      // Rust, Go, Python, JavaScript
      String.raw`^test result: FAILED\.`,
      String.raw`^error: (?:\d+ targets? failed:|test failed, to rerun)`,
      String.raw`^ *--- FAIL: `,
      String.raw`^FAIL(?:\t| {2,})\S`,
      String.raw`^=+ .{0,60}\b[1-9]\d* (?:failed|errors?)\b.{0,120} in [\d.]+`,
      String.raw`^FAILED (?:\S{1,200}::\S|\((?:failures|errors)=)`,
      String.raw`^ +[1-9]\d* failing$`,
      String.raw`^Tests: +[1-9]\d* failed\b`,
      String.raw`^(?:ℹ )?fail [1-9]\d*$`,
      String.raw`^npm (?:ERR!|error) Test failed\.`,
    ),
  },
  {
    name: 'dune-test',
    class: 'TEST_FAILED',
    rank: 'FAILURE',
    because: 'a test printed something else than is expected of it',
    // The second: of files that are no text.
    pattern: /^-{3,6} \S|^Error: Files \S{1,400} and \S{1,400} differ\.$/,
    where: (lines, at) =>
      (lines[at]?.said.startsWith('Error') === true || isDiffHeading(lines, at)) &&
      placeBefore(lines, at, 4) !== null,
  },
  {
    name: 'inline-test',
    class: 'TEST_FAILED',
    rank: 'FAILURE',
    because: 'a test failed',
    pattern: /^File "[^"]{1,300}", line \d+, characters [\d-]+: .{0,400}(?: is false\.| threw )/,
  },
  {
    name: 'dune-test-program',
    class: 'TEST_FAILED',
    rank: 'FAILURE',
    because: 'a program of the tests failed',
    pattern: anyOf(
      String.raw`^Command (?:\[\d+\] )?exited with code [1-9]`,
      String.raw`^ +\S.{0,300} \(exit [1-9]\d*\)$`,
      String.raw`^Fatal error: exception `,
    ),
    where: isOfTests,
  },
]

const testCommand =
  /^(?:\$ |Running\[\d+\]: )?\(cd \S{0,300}\/tests?(?:\/\S{0,300})? && |^.{0,300}&& \S{0,300}(?:test|spec)\w{0,40}\.(?:exe|bc)\b/
const exception =
  /^Fatal error: exception (?:\w{1,60}\.)?Assert_failure\("(?:[^"]{0,300}\/)?(?:tests?\/|\w{0,60}test\w{0,60}\.ml)/

/** A program in a folder of tests, a rule of such a folder, or an assertion of a test. */
function isOfTests(lines: readonly ReadLine[], at: number): boolean {
  const said = lines[at]?.said ?? ''
  if (exception.test(said)) return true
  if (/\btest alias |\balias \S*runtest\b/.test(said)) return true
  if (/^Command |\(exit \d/.test(said)) {
    if (testCommand.test(lines[at + 1]?.said ?? '')) return true
  }
  const place = placeBefore(lines, at, 12)
  return place !== null && isTestPlace(lines, place)
}
