import { formatByteSize } from '../ui/byte-size.ts'
import { countOf } from '../diffs/signed.ts'

/** What is known of a whole file, in bytes: they add up to it. The small is part of the explained. */
export type SizeFacts = {
  fileSizeBytes: number
  explainedBytes: number
  debugBytes: number
  loadedWithoutSymbolBytes: number
  otherBytes: number
  /** Entries that were too many for the tree: their bytes are those of what they were in. */
  foldedBytes: number
  foldedCount: number
}

export type ScaleStep = { label: string; bytes: number; isExplained: boolean }

/** The file from what is explained to what is least of the program; steps without bytes are left out. */
export function scaleOf(facts: SizeFacts): ScaleStep[] {
  const steps = [
    { label: 'explained', bytes: facts.explainedBytes, isExplained: true },
    { label: 'loaded without a symbol', bytes: facts.loadedWithoutSymbolBytes, isExplained: false },
    { label: 'for debuggers', bytes: facts.debugBytes, isExplained: false },
    { label: 'headers and padding', bytes: facts.otherBytes, isExplained: false },
  ]
  return steps.filter(({ bytes }) => bytes > 0)
}

/** `3.4 MiB: 2.2 MiB explained, 306 KiB loaded without a symbol, 914 KiB for debuggers`. */
export function describeScale(facts: SizeFacts): string {
  const steps = scaleOf(facts).map(({ label, bytes }) => `${formatByteSize(bytes)} ${label}`)
  const folded =
    facts.foldedCount > 0
      ? `; ${countOf(facts.foldedCount, 'small part')} (${formatByteSize(facts.foldedBytes)}) are not drawn one by one`
      : ''
  return `${formatByteSize(facts.fileSizeBytes)}: ${steps.join(', ')}${folded}`
}
