import { useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'

/**
 * A parameter of the address that controls a view, such as `?history=table`; null for the default view. Setting it
 * changes neither the scroll position nor the history of the browser.
 */
export function useViewParameter(
  name: string,
): [value: string | null, setValue: (value: string | null) => void] {
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  return [
    search.get(name),
    (value) =>
      changeSearch((now) => {
        if (value === null) now.delete(name)
        else now.set(name, value)
      }),
  ]
}
