import { useSearchParams } from 'react-router'

/**
 * A parameter of the address that controls a view, such as `?history=table`; null for the default view. Setting it
 * changes neither the scroll position nor the history of the browser.
 */
export function useViewParameter(
  name: string,
): [value: string | null, setValue: (value: string | null) => void] {
  const [search, setSearch] = useSearchParams()
  return [
    search.get(name),
    (value) =>
      setSearch(
        (now) => {
          if (value === null) now.delete(name)
          else now.set(name, value)
          return now
        },
        { replace: true, preventScrollReset: true },
      ),
  ]
}
