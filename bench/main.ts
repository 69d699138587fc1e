import { parseArgs } from 'node:util'
import { measureAnalyses } from './analyses.ts'
import { measureAttacks } from './attacks.ts'
import { measureBinarySize } from './binary-size.ts'
import { measureBusyUploads } from './busy-uploads.ts'
import { measureCachedAnswers } from './cached-answers.ts'
import { measureDeep } from './deep.ts'
import { measureDiffs } from './diffs.ts'
import { measureDropin } from './dropin.ts'
import { measureEngines } from './engines.ts'
import { measureHooks } from './hooks.ts'
import { measureBackup, measureImport, measureVerify } from './keeping.ts'
import { measureMemory } from './memory.ts'
import { measureOperations } from './operations.ts'
import { measurePackages } from './packages.ts'
import { measurePages } from './pages.ts'
import { measurePeer } from './peer.ts'
import { isWithinBudget, printMeasurement, writeResults } from './report.ts'
import { measureScheduling } from './scheduling.ts'
import { measureSearch } from './search.ts'
import { measureTrust } from './trust.ts'
import { measureUploadDoors } from './upload-doors.ts'
import { measureUploads } from './uploads.ts'
import { measureVacuum } from './vacuum.ts'

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    megabytes: { type: 'string', default: '400' },
    attack: { type: 'string', default: '' },
    builds: { type: 'string', default: '100000' },
    peer: { type: 'string', default: '' },
    'peer-user': { type: 'string', default: 'bench:bench' },
    minutes: { type: 'string', default: '10' },
    help: { type: 'boolean', default: false },
  },
})
const sizes = { megabytes: Number(values.megabytes) }

const suites = {
  // First: a file system that has just removed many files makes new ones slowly, for minutes.
  uploads: measureUploads,
  'busy-uploads': measureBusyUploads,
  'upload-doors': () => measureUploadDoors(sizes),
  hooks: measureHooks,
  scheduling: measureScheduling,
  analyses: measureAnalyses,
  operations: measureOperations,
  pages: measurePages,
  'cached-answers': measureCachedAnswers,
  diffs: measureDiffs,
  deep: measureDeep,
  'binary-size': measureBinarySize,
  dropin: measureDropin,
  engines: measureEngines,
  search: () => measureSearch(Number(values.builds)),
  packages: () => measurePackages(Number(values.builds)),
  trust: measureTrust,
  vacuum: () => measureVacuum(Number(values.builds)),
  import: () => measureImport(Number(values.builds)),
  verify: () => measureVerify(Number(values.builds)),
  backup: () => measureBackup(Number(values.builds)),
  attacks: () => measureAttacks(values.attack),
  memory: () => measureMemory(Number(values.minutes)),
  peer: () => measurePeer(values.peer, values['peer-user']),
}

if (values.help) {
  process.stdout.write(`Usage: npm run bench -- [SUITE…] [OPTION…]

Measures the suites that are named, or all of them: ${Object.keys(suites).join(', ')}.

  --megabytes N    size of the records of upload-doors, in megabytes (default: 400)
  --builds N       builds of the site of search, packages, vacuum, import, verify and backup (default: 100000)
  --attack WORD    only the attacks whose names have that word
  --minutes N      how long memory measures (default: 10)
  --peer URL       the other server of peer, which speaks builder-web's URLs; builds are uploaded there, and stay
  --peer-user NAME:PASSWORD   who uploads them there (default: bench:bench)
`)
  process.exit(0)
}

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
