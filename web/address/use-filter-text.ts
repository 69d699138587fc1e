import { useEffect, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useChangeSearch } from './use-change-search.ts'

/** Browsers refuse addresses that change with every key. */
const settleMs = 250

/** What was typed into a filter box. It lives in the address (`?filter=dns`), a moment behind. */
export function useFilterText(parameter = 'filter'): [text: string, setText: (text: string) => void] {
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  const inAddress = search.get(parameter) ?? ''
  const [typed, setTyped] = useState(inAddress)
  const [seen, setSeen] = useState(inAddress)
  const [written, setWritten] = useState(inAddress)

  // Somebody else changed the address: a link, or the way back.
  if (inAddress !== seen) {
    setSeen(inAddress)
    if (inAddress !== written) setTyped(inAddress)
  }

  useEffect(() => {
    if (typed === inAddress) return
    const timer = setTimeout(() => {
      setWritten(typed)
      changeSearch((now) => {
        if (typed) now.set(parameter, typed)
        else now.delete(parameter)
      })
    }, settleMs)
    return () => clearTimeout(timer)
  }, [typed, inAddress, parameter, changeSearch])

  return [typed, setTyped]
}
