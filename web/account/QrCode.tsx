import { useMemo } from 'react'
import { encode } from 'uqr'

/** A text as a QR code, dark on white in either theme: telephones read nothing else. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { size, path } = useMemo(() => drawn(text), [text])
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={label}
      className="w-44"
      shapeRendering="crispEdges"
    >
      <path fill="#fff" d={`M0 0h${size}v${size}H0z`} />
      <path fill="#000" d={path} />
    </svg>
  )
}

/** One rectangle for each dark module. The margin is a part of the code. */
function drawn(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { border: 4 })
  const parts = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])))
  return { size, path: parts.join('') }
}
