// Run by binary-size.ts in a process of its own: what one analysis takes of memory.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { analyseBinarySize } from '../server/analyses/binary-size/analyse-binary-size.ts'

export type PeakMemory = { peakMiB: number }

// Once before: the code is compiled as it is used.
analyseBinarySize(readFileSync(join(import.meta.dirname, '../test/fixtures/dwarf/dwarf5.elf')))
const before = process.memoryUsage.rss()
analyseBinarySize(readFileSync(process.argv[2] ?? ''))
const answer: PeakMemory = { peakMiB: process.resourceUsage().maxRSS / 1024 - before / 1024 ** 2 }
process.send?.(answer, () => process.exit())
