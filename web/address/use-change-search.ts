import { useCallback } from 'react'
import { useNavigate } from 'react-router'
import { useLatestLocation } from './use-latest-location.ts'

/**
 * Changes the query of the address, starting from the latest one, and leaves the place in the page as it is.
 * `push`: the address before is one to come back to; otherwise it is replaced. Lines of the console that are
 * marked stay so; another hash goes, because the router would scroll to what it names.
 */
export function useChangeSearch(): (
  change: (search: URLSearchParams) => void,
  how?: 'push' | 'replace',
) => void {
  const latest = useLatestLocation()
  const navigate = useNavigate()
  return useCallback(
    (change, how = 'replace') => {
      const { search: before, hash } = latest()
      const search = new URLSearchParams(before)
      change(search)
      const to = { search: search.toString(), hash: /^#L\d/.test(hash) ? hash : '' }
      void navigate(to, { replace: how === 'replace', preventScrollReset: true })
    },
    [latest, navigate],
  )
}
