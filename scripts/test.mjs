// Runs every test: Vitest's tests, then the browser tests. The last line of the output has the counts.
// Arguments are passed to Vitest only: `npm test -- test/formats`.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { projectDir, tool } from './setup.mjs'

const filters = process.argv.slice(2)
const results = `${projectDir}/test-results`
mkdirSync(results, { recursive: true })

const counts = { passed: 0, failed: 0, skipped: 0, flaky: 0 }
let isBroken = false

function runTests(name, args, read) {
  const file = `${results}/${name}.json`
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: file }
  const { status } = spawnSync(tool(name), args(file), { stdio: 'inherit', env })
  if (status !== 0) isBroken = true
  if (!existsSync(file)) return
  for (const [key, value] of Object.entries(read(JSON.parse(readFileSync(file, 'utf8')))))
    counts[key] += value
}

runTests(
  'vitest',
  (file) => ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`, ...filters],
  ({ numPassedTests, numFailedTests, numPendingTests, numTodoTests }) => ({
    passed: numPassedTests,
    failed: numFailedTests,
    skipped: numPendingTests + numTodoTests,
  }),
)

if (filters.length === 0) {
  runTests(
    'playwright',
    () => ['test', '--reporter=list,json'],
    ({ stats }) => ({
      passed: stats.expected,
      failed: stats.unexpected,
      flaky: stats.flaky,
      skipped: stats.skipped,
    }),
  )
}

const { passed, failed, skipped, flaky } = counts
const note = flaky > 0 ? `, ${flaky} flaky (passed when tried again)` : ''
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped${note}\n`)
process.exitCode = isBroken || failed > 0 ? 1 : 0
