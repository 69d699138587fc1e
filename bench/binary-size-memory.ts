// Measures the memory of one analysis. binary-size.ts runs this file in a separate process.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyseBinarySize } from '../server/analyses/binary-size/analyse-binary-size.ts'

export type PeakMemory = { peakMiB: number }

// Once before: the code is compiled as it is used.
analyseBinarySize(readFileSync(join(import.meta.dirname, '../test/fixtures/dwarf/dwarf5.elf')))
const before = process.memoryUsage.rss()
analyseBinarySize(readFileSync(process.argv[2] ?? ''))
const answer: PeakMemory = { peakMiB: peakKiB() / 1024 - before / 1024 ** 2 }
process.send?.(answer, () => process.exit())

/** Linux counts the memory of the process that started this one into `maxRSS`. */
function peakKiB(): number {
  const status = '/proc/self/status'
  const peak = existsSync(status) ? /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1] : undefined
  return peak === undefined ? process.resourceUsage().maxRSS : Number(peak)
}
