import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { diffDeep } from '../server/deep-diff/deep-diff.ts'
import { deepCases } from '../test/server/deep-diff/deep-cases.ts'
import { medianOf, type Measurement } from './report.ts'

const rounds = 5

/** Comparisons in depth, and how much longer diffoscope takes, with its start, where it is installed. */
export async function measureDeep(): Promise<Measurement[]> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-bench-'))
  try {
    const ratios: number[] = []
    const own: number[] = []
    for (const [number, { file, make }] of deepCases.entries()) {
      const sides = (['left', 'right'] as const).map((side) => {
        const folder = join(dir, `${number}-${side}`)
        mkdirSync(folder)
        const content = make(side, folder)
        const path = join(folder, `compared-${file}`)
        writeFileSync(path, content)
        return { path, content }
      })
      const [left, right] = sides
      if (!left || !right) throw new Error('a side was not made')
      const times: number[] = []
      for (let round = 0; round <= rounds; round++) {
        const startedAt = performance.now()
        await diffDeep({ name: file, left: left.content, right: right.content, times: null })
        times.push(performance.now() - startedAt)
      }
      const ms = medianOf(times.slice(1))
      own.push(ms)
      if (!existsSync('/usr/bin/diffoscope')) continue
      const startedAt = performance.now()
      spawnSync('diffoscope', ['--json', '-', left.path, right.path])
      ratios.push((performance.now() - startedAt) / ms)
    }
    return [
      {
        what: 'deep comparison, median of the cases',
        value: medianOf(own),
        unit: 'ms',
        against: { what: 'budget', value: 50, wanted: 'at most' },
      },
      ...ratios.slice(0, 1).map((): Measurement => ({
        what: 'diffoscope takes so many times as long, median',
        value: medianOf(ratios),
        unit: '×',
        against: { what: 'goal', value: 20, wanted: 'at least' },
      })),
    ]
  } finally {
    rmSync(dir, { recursive: true })
  }
}
