/** Legend of the signs. It is part of the drawing, so that a saved picture contains it. */
export function HistoryKey({ y, left, width }: { y: number; left: number; width: number }) {
  const isTight = width < 420
  const offsets = isTight ? [0, 84, 146] : [0, 124, 194]
  const items = [
    {
      words: isTight ? 'changed' : 'output changed',
      sign: <path className="history-change" d={`M5 ${y - 9.5}l5 5.5l-5 5.5l-5 -5.5z`} />,
    },
    { words: 'failed', sign: <path className="history-failed" d={`M1.5 ${y - 7.5}l7 7m0 -7l-7 7`} /> },
    {
      words: 'not reproducible',
      sign: <path className="history-unequal" d={`M1 ${y - 6}h8m-8 4h8M7 ${y - 9}l-4 10`} />,
    },
  ]
  return (
    <g className="history-ticks">
      {!isTight && (
        <text className="history-title" x={0} y={y}>
          Builds
        </text>
      )}
      {items.map(({ words, sign }, n) => (
        <g key={words} transform={`translate(${(isTight ? 0 : left) + (offsets[n] ?? 0)} 0)`}>
          {sign}
          <text x={14} y={y}>
            {words}
          </text>
        </g>
      ))}
    </g>
  )
}
