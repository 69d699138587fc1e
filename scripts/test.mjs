// Runs every test: Vitest's tests, then the browser tests. The last lines of the output name each test that failed, and how;
// the last one has the counts. Arguments are passed to Vitest only: `npm test -- test/formats`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { relative } from 'node:path'
import { projectDir, tool } from './setup.mjs'

/** More files than this do not fail by chance. */
const mostFilesAgain = 3
const mostLinesOfAFailure = 12

const filters = process.argv.slice(2)
const results = `${projectDir}/test-results`
mkdirSync(results, { recursive: true })

/** Runs a test runner. Returns what its JSON report says, `null` without a report, and whether it ended well. */
function run(runner, report, args) {
  const file = `${results}/${report}.json`
  rmSync(file, { force: true })
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: file }
  const { status } = spawnSync(tool(runner), args(file), { stdio: 'inherit', env })
  return { isWell: status === 0, report: existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null }
}

const isOurs = (line) => !line.includes('node_modules')
const firstLines = (text) => text.split('\n').filter(isOurs).slice(0, mostLinesOfAFailure).join('\n')

/** What Vitest says: `{isWell, passed, failed, skipped, failures: [{file, test, reason}]}`. */
function runVitest(report, vitestFilters) {
  const args = (file) => [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
    ...vitestFilters,
  ]
  const { isWell, report: said } = run('vitest', report, args)
  const failures = (said?.testResults ?? [])
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = relative(projectDir, name)
      const tests = assertionResults.filter(({ status }) => status === 'failed')
      if (tests.length === 0) return [{ file, test: 'the whole file', reason: firstLines(message ?? '') }]
      return tests.map(({ fullName, failureMessages }) => ({
        file,
        test: fullName,
        reason: firstLines(failureMessages[0] ?? ''),
      }))
    })
  return {
    isWell,
    passed: said?.numPassedTests ?? 0,
    skipped: (said?.numPendingTests ?? 0) + (said?.numTodoTests ?? 0),
    failures,
  }
}

const specsOf = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]

/** What Playwright says, in the same shape, with the number of tests that passed when they were tried again. */
function runPlaywright() {
  const { isWell, report } = run('playwright', 'playwright', () => ['test', '--reporter=list,json'])
  const failures = (report?.suites ?? [])
    .flatMap(specsOf)
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) => ({
      file: `test/e2e/${file}`,
      test: title,
      reason: firstLines(tests[0]?.results.at(-1)?.error?.message ?? ''),
    }))
  const { expected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {}
  return { isWell, passed: expected, flaky, skipped, failures }
}

const vitest = runVitest('vitest', filters)
const browser =
  filters.length === 0 ? runPlaywright() : { isWell: true, passed: 0, flaky: 0, skipped: 0, failures: [] }

// As in the browser: on a busy machine something may be late once. Who passes only then is counted and named.
const filesAgain = [...new Set(vitest.failures.map(({ file }) => file))]
const isTriedAgain = process.env['CI'] && filesAgain.length > 0 && filesAgain.length <= mostFilesAgain
const again = isTriedAgain ? runVitest('vitest-again', filesAgain) : vitest

const failures = [...again.failures, ...browser.failures]
const late = vitest.failures.filter(
  ({ file, test }) => !again.failures.some((failure) => failure.file === file && failure.test === test),
)
const flaky = browser.flaky + late.length

const write = (title, { file, test, reason }) =>
  process.stdout.write(`\n${title} ${file} › ${test}\n${reason.replaceAll(/^/gmu, '  ')}\n`)
for (const failure of late) write('passed only when tried again:', failure)
for (const failure of failures) write('failed:', failure)
for (const [runner, { isWell, failures: own }] of Object.entries({ Vitest: again, Playwright: browser }))
  if (!isWell && own.length === 0)
    process.stdout.write(`\n${runner} ended with an error outside of its tests: see its output above\n`)

const passed = vitest.passed + browser.passed
const skipped = vitest.skipped + browser.skipped
const note = flaky > 0 ? `, ${flaky} flaky (passed when tried again)` : ''
process.stdout.write(`\n${passed} passed, ${failures.length} failed, ${skipped} skipped${note}\n`)
process.exitCode = again.isWell && browser.isWell && failures.length === 0 ? 0 : 1
