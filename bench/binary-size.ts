import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { linkProgram, type ProgramUnit } from '../demo/ocaml-program.ts'
import { createAnalysisWorkers } from '../server/analyses/analysis-handlers.ts'
import type { PeakMemory } from './binary-size-memory.ts'
import { medianOf, type Measurement } from './report.ts'
import { makeDataDir } from './server-process.ts'

const runs = 7

/** Times of modulectomy for debug binaries of these sizes on a similar machine. */
const modulectomy = [
  { megabytes: 11, ms: 280 },
  { megabytes: 36, ms: 1_140 },
]

/** A debug binary of about this size, of as many modules of the usual sizes as it takes. */
function programOf(megabytes: number): Uint8Array {
  const units = Array.from({ length: Math.round(megabytes * 20.3) }, (_, index): ProgramUnit => {
    const library = `lib${index % 97}`
    return {
      name: `Lib${index % 97}__Unit${index}`,
      codeKiB: 60 + ((index * 37) % 300),
      origin: `${library}.1.0`,
      directory: `${library}.1.0/src`,
    }
  })
  const runsOn = { kind: 'solo5', target: 'hvt', devices: [] } as const
  return linkProgram({ compiler: '5.2.1', units, stubs: [], runsOn, texts: [] }).debug
}

/** Median of some runs of the task as the engine runs it: the worker reads the file, and sends the result as JSON. */
async function medianMs(workers: ReturnType<typeof createAnalysisWorkers>, path: string): Promise<number> {
  const call = { kind: 'BINARY_SIZE', file: path } as const
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const startedAt = performance.now()
    const { result } = await workers.run('analyse', call)
    times.push(performance.now() - startedAt)
    if (!Buffer.from(result).includes('"isElf":true')) throw new Error('not analysed')
  }
  return medianOf(times)
}

/** Additional memory that a process needs for one analysis, including the file. */
function peakMemoryMiB(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'binary-size-memory.ts'), [path], {
      execArgv: ['--import', 'tsx'],
    })
    child.once('message', (answer) => resolve((answer as PeakMemory).peakMiB))
    child.once('exit', (code) => reject(new Error(`the process ended with status ${code}`)))
  })
}

export async function measureBinarySize(): Promise<Measurement[]> {
  const dir = makeDataDir()
  const workers = createAnalysisWorkers({ maxProcesses: 1 })
  try {
    const write = (megabytes: number) => {
      const path = join(dir.path, `${megabytes}.debug`)
      const program = programOf(megabytes)
      writeFileSync(path, program)
      return { path, megabytes: program.length / 1e6, mebibytes: program.length / 1024 ** 2 }
    }
    const [small, usual, large, largest] = [write(11), write(20), write(36), write(100)]
    await medianMs(workers, small.path)
    const title = ({ megabytes }: { megabytes: number }) =>
      `sizes in a debug binary of ${megabytes.toFixed(0)} MB`
    return [
      {
        what: `${title(usual)}, warm worker, median`,
        value: await medianMs(workers, usual.path),
        unit: 'ms',
        against: { what: 'budget', value: 250, wanted: 'at most' },
      },
      {
        what: `${title(small)}, median`,
        value: await medianMs(workers, small.path),
        unit: 'ms',
        against: { what: 'modulectomy', value: modulectomy[0]?.ms ?? 0, wanted: 'at most' },
      },
      {
        what: `${title(large)}, median`,
        value: await medianMs(workers, large.path),
        unit: 'ms',
        against: { what: 'modulectomy', value: modulectomy[1]?.ms ?? 0, wanted: 'at most' },
      },
      {
        what: `${title(largest)}, median`,
        value: await medianMs(workers, largest.path),
        unit: 'ms',
        against: { what: 'no failure; five times the budget', value: 1_250, wanted: 'at most' },
      },
      {
        what: `${title(usual)}, peak memory with the file`,
        value: await peakMemoryMiB(usual.path),
        unit: 'MiB',
        against: { what: 'twice the file', value: 2 * usual.mebibytes, wanted: 'at most' },
      },
    ]
  } finally {
    await workers.close()
    dir.remove()
  }
}
