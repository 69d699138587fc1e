// `npm run torture`: servers of one site fail in each way that can be made on one machine, for as many rounds as one likes, and nothing that
// was acknowledged may be lost. docs/several-servers.md says what each failure test shows.
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { failureTests } from './failure-tests.ts'
import { runFailureTest, type Result } from './failure-test.ts'
import { startSite } from './site.ts'

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(`Usage: npm run torture [-- NAME…] [--rounds N] [--seed S]

Three servers on one PostgreSQL and one object store, all of which this program starts, fail under load. It runs the
failure tests that are named, or all of them:

${failureTests.map(({ name, summary, rounds }) => `  ${name.padEnd(22)}${summary} (${rounds} rounds)`).join('\n')}

  --rounds N    rounds of each test
  --seed S      makes the same choices as a run before (default: other ones in each run)
`)
  process.exit(0)
}

const unknown = wanted.filter((name) => !failureTests.some((test) => test.name === name))
const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
if (unknown.length > 0 || (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0))) {
  process.stderr.write(
    unknown.length > 0
      ? `no failure test ${unknown.join(', ')}: there are ${failureTests.map(({ name }) => name).join(', ')}\n`
      : '--rounds takes a whole number, from 1\n',
  )
  process.exit(2)
}

process.stdout.write(`to repeat the choices of this run: --seed ${values.seed}\n`)
const results: Result[] = []
const site = await startSite()
try {
  for (const test of failureTests) {
    if (wanted.length > 0 && !wanted.includes(test.name)) continue
    const impediment = test.impediment?.() ?? null
    if (impediment !== null) {
      process.stdout.write(`${test.name}: skipped, ${impediment}\n`)
      continue
    }
    process.stdout.write(`${test.name}: ${test.summary} …\n`)
    const result = await runFailureTest(test, site, { seed: values.seed, rounds })
    for (const fault of [...result.lost, ...result.wrong]) process.stdout.write(`  ${fault}\n`)
    results.push(result)
  }
} finally {
  await site.close()
}
printTable(results)
process.exitCode = results.some(({ lost, wrong }) => lost.length + wrong.length > 0) ? 1 : 0

function printTable(rows: readonly Result[]): void {
  const heads = ['test', 'rounds', 'faults', 'acknowledged', 'sent again', 'lost', 'wrong', 'pages p95 ms']
  const cells = rows.map((row) =>
    [
      ...[row.name, row.rounds, row.faults, row.acknowledged, row.again],
      ...[row.lost.length, row.wrong.length, Math.round(row.p95Ms)],
    ].map(String),
  )
  const widths = heads.map((head, at) => Math.max(head.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  process.stdout.write(`\n${[line(heads), line(rule), ...cells.map(line)].join('\n')}\n\n`)
  process.stdout.write(
    `load of the machine in the last minute: ${loadavg()[0]?.toFixed(1)}, of Node ${process.version}\n`,
  )
}
