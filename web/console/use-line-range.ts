import { useCallback, useMemo } from 'react'
import { useLocation, useNavigate } from 'react-router'
import { formatLineRange, type LineRange, parseLineRange } from './line-range.ts'

/** The marked lines, which live in the address. Marking replaces the address: it is no place to go back to. */
export function useLineRange(): [LineRange | null, (range: LineRange | null) => void] {
  const { hash, search } = useLocation()
  const navigate = useNavigate()
  const range = useMemo(() => parseLineRange(hash), [hash])
  const setRange = useCallback(
    (next: LineRange | null) => {
      const to = { search, hash: next ? formatLineRange(next) : '' }
      void navigate(to, { replace: true, preventScrollReset: true })
    },
    [navigate, search],
  )
  return [range, setRange]
}
