/** Under a list that the server has cut. */
export function TruncationNote({ listed, total }: { listed: number; total: number }) {
  if (listed >= total) return null
  return (
    <p className="mt-2 text-warn">
      Only {listed.toLocaleString('en-US')} of {total.toLocaleString('en-US')} are listed; the artifacts have
      all of them.
    </p>
  )
}
