import type { ReadLine } from './console-lines.ts'

/**
 * What kind of text a line is. Only TEXT tells of a failure by itself. QUOTE: a source line that a compiler
 * quotes, or the content of a difference or of a configure log. TRACE: a command that a shell, dune, or make
 * shows before it runs the command. PASS: a test that passes, or the output of one. WARNING: nothing failed.
 * LISTING: a package, as apt and opam list packages. DIFF: a line of a unified difference, except for its heading.
 */
export type LineKind = 'TEXT' | 'QUOTE' | 'TRACE' | 'PASS' | 'WARNING' | 'LISTING' | 'DIFF'

/** Margins of compilers, and lines that `grep -n` found in sources. */
const gutterPattern =
  /^[^\s:]{1,300}:\d+:(?:[^\s\d]|\s{2})|^ *\d{1,7} \|(?: |$)|^ +\|(?: |$)|^ *\^[\^~ ]*$|^\.{4,}/
const tracePattern =
  /^\+{1,8} (?!Timeout!!)|^\$ \S|^Running\[\d+\]: |^ *\(cd \S+ && |^(?:@?echo|@?printf) |^(?:\/\S+\/)?(?:ba|da)?sh -c /
const warningPattern =
  /^\[WARN(?:ING)?\]|^[Ww]arning\b|^WARNING\b(?!: Retrying \(Retry\(total=0,)|^W: (?!Failed to fetch)|^npm (?:WARN|warn)\b|^[^\s:]{1,200}: [Ww]arning: |^[^\s:]{1,300}:\d+(?::\d+)?: (?:warning|note|remark|info): |\(ignored\)$/
const passPatterns: readonly RegExp[] = [
  /^[│|> ]*\[ ?(?:OK|PASS|PASSED|SKIP|✓) ?\]/,
  /^(?:PASS|XFAIL|SKIP): /,
  /^ *ok \d+\b/,
  /^ *not ok \d+\b.*# (?:TODO|SKIP)\b/i,
  /^ *[✓✔√] /,
  /^ *--- (?:PASS|SKIP): /,
  /^(?:checking |-- (?:Looking for|Check|Performing|Detecting))/,
  /^test \S.{0,400} \.\.\. ok$/,
  /^ *\d+\/\d+ (?:Test +#\d+: .{1,400} Passed\b|.{1,400} OK +[\d.]+ ?s\b)/,
  /^\S+::\S+ (?:PASSED|SKIPPED|XFAIL)\b/,
  / {2}-> {2}(?:passed|skipped)\b/,
]
const listingPattern =
  /^ *(?:[∗*λ↻⊘⬇↗↘]|->) *(?:install|upgrade|downgrade|recompile|remove|retrieved|installed|removed|compiled)\b|^(?:Get:\d|Hit:\d|Ign:\d|Selecting previously|Preparing to unpack|Unpacking|Setting up|Processing triggers|Fetched \d)/

/** The kind of each line. Takes time in proportion to the number of lines. */
export function kindsOf(lines: readonly ReadLine[]): LineKind[] {
  const kinds = lines.map(({ said }) => kindOf(said))
  markDiffs(lines, kinds)
  markQuotes(lines, kinds)
  markConfigureLogs(lines, kinds)
  markPassedTests(lines, kinds)
  return kinds
}

function kindOf(said: string): LineKind {
  if (said === '') return 'TEXT'
  if (gutterPattern.test(said)) return 'QUOTE'
  if (tracePattern.test(said)) return 'TRACE'
  if (warningPattern.test(said)) return 'WARNING'
  if (passPatterns.some((pattern) => pattern.test(said))) return 'PASS'
  return listingPattern.test(said) ? 'LISTING' : 'TEXT'
}

const hunkPattern = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/
const patdiffPattern = /^(?:@\||[-+! ]\|)/

/** Unified differences, by the counts of their hunks, and patdiff's, by the margins of their lines. */
function markDiffs(lines: readonly ReadLine[], kinds: LineKind[]): void {
  for (let i = 0; i + 1 < lines.length; i++) {
    if (!isDiffHeading(lines, i)) continue
    // `opam --verbose` puts `- ` before every line.
    const margin = lines[i]?.bare.startsWith('- ') ? 2 : 0
    const textAt = (at: number) => lines[at]?.bare.slice(margin) ?? ''
    let at = i + 1
    kinds[at++] = 'DIFF'
    for (let hunk = hunkPattern.exec(textAt(at)); hunk; hunk = hunkPattern.exec(textAt(at))) {
      const end = endOfHunk(lines.length, textAt, at, Number(hunk[1] ?? 1), Number(hunk[2] ?? 1))
      kinds.fill('DIFF', at, end)
      at = end
    }
    while (patdiffPattern.test(textAt(at))) kinds[at++] = 'DIFF'
    kinds[i] = 'TEXT'
    i = at - 1
  }
}

/** Whether `lines[at]` and the next one head a difference: diff's or git's, or patdiff's. */
export function isDiffHeading(lines: readonly ReadLine[], at: number): boolean {
  const [first = '', second = ''] = [lines[at]?.said, lines[at + 1]?.said]
  return (
    (/^--- \S/.test(first) && /^\+\+\+ \S/.test(second)) ||
    (/^-{6} \S/.test(first) && /^\+{6} \S/.test(second))
  )
}

function endOfHunk(
  lineCount: number,
  textAt: (at: number) => string,
  heading: number,
  oldLines: number,
  newLines: number,
): number {
  let at = heading + 1
  let left = { old: oldLines, new: newLines }
  for (; at < lineCount && (left.old > 0 || left.new > 0); at++) {
    const mark = textAt(at)[0] ?? ' '
    if (mark === ' ') left = { old: left.old - 1, new: left.new - 1 }
    else if (mark === '-') left = { ...left, old: left.old - 1 }
    else if (mark === '+') left = { ...left, new: left.new - 1 }
    else if (mark !== '\\') break
  }
  return at
}

const diagnosticPattern =
  /^[^\s:]{1,300}:\d+(?::\d+)?: (?:fatal )?(?:error|warning|note)\b|^File "[^"]{1,1000}", lines? \d/
const tracebackPattern = /^\s+File "[^"]{1,1000}", line \d+, in /
const longestQuote = 12

/** Indented lines after a diagnostic, or after a place of Python's traceback, are those of the source. */
function markQuotes(lines: readonly ReadLine[], kinds: LineKind[]): void {
  for (let i = 0; i < lines.length; i++) {
    const { said } = lines[i] ?? { said: '' }
    const isTraceback = tracebackPattern.test(said)
    if (!isTraceback && !diagnosticPattern.test(said)) continue
    const end = Math.min(lines.length, i + 1 + (isTraceback ? 1 : longestQuote))
    for (let at = i + 1; at < end; at++) {
      const kind = kinds[at]
      if (kind !== 'QUOTE' && !/^\s+\S/.test(lines[at]?.said ?? '')) break
      if (kind === 'TEXT') kinds[at] = 'QUOTE'
    }
  }
}

const configureLinePattern = /^configure:\d+: /
const longestConfigureStep = 400

/** A configure log that a script prints: programs that were tried, with the errors of those that failed. */
function markConfigureLogs(lines: readonly ReadLine[], kinds: LineKind[]): void {
  let last = -1
  lines.forEach(({ said }, at) => {
    if (!configureLinePattern.test(said)) return
    if (last >= 0 && at - last <= longestConfigureStep)
      kinds.fill('QUOTE', kinds[last] === 'TEXT' ? last + 1 : last, at)
    // `configure:123: error: …` is what configure ended with.
    kinds[at] = / error: /.test(said) ? 'TEXT' : 'QUOTE'
    last = at
  })
}

/** Where a run of tests begins, and the line that says that all of them passed. */
const testRuns: readonly { start: RegExp | null; passed: RegExp }[] = [
  { start: /^Testing [`'‘]/, passed: /^Test Successful in / },
  { start: /^running \d+ tests?$/, passed: /^test result: ok\./ },
  { start: /^=+ test session starts =+$/, passed: /^=+ \d+ passed\b(?!.*\b(?:failed|error)).* in [\d.]+/ },
  { start: /^random seed: \d+/, passed: /^success \(ran \d+ tests?\)/ },
  { start: /^Test project \//, passed: /^100% tests passed/ },
  { start: /^=== RUN /, passed: /^(?:PASS$|ok\s+\S+\s+[\d.]+s)/ },
  { start: /^# Running/, passed: /^Ran \d+ tests?, \d+ skipped, 0 failed/ },
  { start: null, passed: /^OK(?: \(\d+ tests?\)|)$|^All (?:\d+ )?tests (?:passed|succeeded|ok)\b/i },
]
/** Without a line that says where it begins, a run of tests is taken to be at most that long. */
const longestUnmarkedRun = 60
const longestRun = 5000
const runBorder = /^(?:\[ERROR\]|#===|<><>|\+ |File "|make\b.*\*\*\*|\(cd )/

/** What tests print that pass in the end: they try errors on purpose. */
function markPassedTests(lines: readonly ReadLine[], kinds: LineKind[]): void {
  let started = -1
  lines.forEach(({ said }, at) => {
    if (kinds[at] === 'DIFF' || kinds[at] === 'QUOTE' || said === '') return
    if (/^\d+ (?:error|failure)s?! in /.test(said)) started = -1
    if (testRuns.some(({ start }) => start?.test(said))) {
      if (!/^=== RUN /.test(said) || started < 0 || at - started > longestRun) started = at
      return
    }
    if (!testRuns.some(({ passed }) => passed.test(said))) return
    const start = started >= 0 && at - started <= longestRun ? started : startOfUnmarkedRun(lines, at)
    kinds.fill('PASS', start, at + 1)
    started = -1
  })
}

function startOfUnmarkedRun(lines: readonly ReadLine[], end: number): number {
  let start = end
  while (start > 0 && end - start < longestUnmarkedRun) {
    const before = lines[start - 1]?.said ?? ''
    if (runBorder.test(before) || failedRunPattern.test(before)) break
    start--
  }
  return start
}

/** The end of another run, in which a test failed. */
const failedRunPattern = /\bFAIL|^Test Failed|^\d+ (?:error|failure)s?!|^not ok\b|^Error: |: error: /
