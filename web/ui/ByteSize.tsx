import { formatByteSize, formatExactBytes } from './byte-size.ts'

/** `4.2 MiB`, with the exact number of bytes as tooltip. */
export function ByteSize({ bytes }: { bytes: number }) {
  return (
    <data value={bytes} title={formatExactBytes(bytes)} className="whitespace-nowrap tabular-nums">
      {formatByteSize(bytes)}
    </data>
  )
}
