import { measureAnalyses } from './analyses.ts'
import { measureBinarySize } from './binary-size.ts'
import { measureDiffs } from './diffs.ts'
import { measureDropin } from './dropin.ts'
import { measureOperations } from './operations.ts'
import { measurePages } from './pages.ts'
import { isWithinBudget, printMeasurement, writeResults } from './report.ts'
import { measureUploads } from './uploads.ts'

const suites = {
  // First: a file system that has just removed many files makes new ones slowly, for minutes.
  uploads: measureUploads,
  analyses: measureAnalyses,
  operations: measureOperations,
  pages: measurePages,
  diffs: measureDiffs,
  'binary-size': measureBinarySize,
  dropin: measureDropin,
}

// `npm run bench -- uploads` runs that suite alone.
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in suites))
if (unknown.length > 0) {
  process.stderr.write(`no suite ${unknown.join(', ')}: there are ${Object.keys(suites).join(', ')}\n`)
  process.exit(2)
}

const measurements = []
for (const [name, measure] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`\n${name}\n`)
  for (const measurement of await measure()) {
    printMeasurement(measurement)
    measurements.push(measurement)
  }
}
writeResults(measurements)
const missed = measurements.filter((measurement) => !isWithinBudget(measurement)).length
process.stdout.write(
  `\n${measurements.length - missed} of ${measurements.length} within budget; bench/results.json has them\n`,
)
