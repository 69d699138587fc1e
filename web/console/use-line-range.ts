import { useCallback, useMemo } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { useLatestLocation } from '../address/use-latest-location.ts'
import { formatLineRange, type LineRange, parseLineRange } from './line-range.ts'

/**
 * The marked lines, which live in the address. Marking replaces the address: it is no place to go back to. What
 * changes them is given those that are marked by then, of which the page may have drawn none yet.
 */
export function useLineRange(): [
  LineRange | null,
  (change: (now: LineRange | null) => LineRange | null) => void,
] {
  const { hash } = useLocation()
  const latest = useLatestLocation()
  const navigate = useNavigate()
  const range = useMemo(() => parseLineRange(hash), [hash])
  const setRange = useCallback(
    (change: (now: LineRange | null) => LineRange | null) => {
      const { search, hash } = latest()
      const next = change(parseLineRange(hash))
      const to = { search, hash: next ? formatLineRange(next) : '' }
      void navigate(to, { replace: true, preventScrollReset: true })
    },
    [navigate, latest],
  )
  return [range, setRange]
}
