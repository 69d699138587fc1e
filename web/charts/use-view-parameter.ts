import { useSearchParams } from 'react-router'

/**
 * A parameter of the address that says how something is shown, such as `?history=table`; null: as usual. To
 * set it leaves the place in the page, and the way back, as they are.
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
