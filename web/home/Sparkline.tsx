import { formatByteSize } from '../ui/byte-size.ts'

const width = 56
const height = 16

/** The sizes of the newest outputs, at least two, as a line, oldest first. */
export function Sparkline({ sizes }: { sizes: readonly number[] }) {
  const [first] = sizes
  const last = sizes.at(-1)
  if (first === undefined || last === undefined) return null
  const [least, most] = [Math.min(...sizes), Math.max(...sizes)]
  const x = (index: number) => 1 + (index / (sizes.length - 1)) * (width - 4)
  const y = (size: number) =>
    2 + (1 - (most === least ? 0.5 : (size - least) / (most - least))) * (height - 4)
  const words = `${sizes.length} outputs: from ${formatByteSize(first)} to ${formatByteSize(last)}`
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={words}
      className="inline-block align-middle text-quiet"
    >
      <title>{words}</title>
      <polyline
        points={sizes.map((size, index) => `${x(index).toFixed(1)},${y(size).toFixed(1)}`).join(' ')}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.25"
      />
      <circle cx={x(sizes.length - 1)} cy={y(last)} r="1.75" fill="currentColor" />
    </svg>
  )
}
