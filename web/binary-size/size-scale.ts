import { formatByteSize } from '../ui/byte-size.ts'
import { countOf } from '../ui/signed.ts'

/** Parts of a file in bytes, which add up to its size. The folded entries are part of the explained bytes. */
export type SizeFacts = {
  fileSizeBytes: number
  explainedBytes: number
  debugBytes: number
  loadedWithoutSymbolBytes: number
  otherBytes: number
  /** Bytes of entries that were folded into their parents, because the tree had too many. */
  foldedBytes: number
  foldedCount: number
}

export type ScaleStep = { label: string; bytes: number; isExplained: boolean }

/** Steps of the scale, from explained bytes to those that belong least to the program. Empty steps are left out. */
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
