import { useCallback } from 'react'
import { useLocation, useSearchParams, type To } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { useFilterText } from '../address/use-filter-text.ts'
import { formatNodePath } from './node-path.ts'
import type { Grouping, Scope, SizeNode, Weighing } from './size-tree.ts'

/**
 * The view of the picture, from the address: `?at=ocaml/Stdlib&q=list&group=module&area=size&parts=all`.
 * On a page with other pictures the parameters have a prefix.
 */
export type SizeView = {
  /** The path of the group that fills the picture. */
  at: string
  /** The text of the search, as typed. */
  query: string
  grouping: Grouping
  weighing: Weighing
  scope: Scope
  /** The address of the same view at another group. */
  addressOf: (group: SizeNode) => To
  /** A place to come back from. */
  goTo: (group: SizeNode) => void
  search: (text: string) => void
  group: (grouping: Grouping, at: SizeNode | null) => void
  weigh: (weighing: Weighing) => void
  choose: (scope: Scope) => void
}

export function useSizeView(prefix: string, usualWeighing: Weighing): SizeView {
  const [params] = useSearchParams()
  const changeSearch = useChangeSearch()
  const { hash } = useLocation()
  const [query, search] = useFilterText(`${prefix}q`)
  const read = (name: string) => params.get(prefix + name) ?? ''

  const addressOf = useCallback(
    (group: SizeNode): To => {
      const next = new URLSearchParams(params)
      setPath(next, prefix, formatNodePath(group))
      return { search: next.toString(), hash }
    },
    [params, prefix, hash],
  )
  const goTo = useCallback(
    (group: SizeNode) => changeSearch((now) => setPath(now, prefix, formatNodePath(group)), 'push'),
    [changeSearch, prefix],
  )
  const set = (name: string, value: string | null, at?: string) =>
    changeSearch((now) => {
      if (value === null) now.delete(prefix + name)
      else now.set(prefix + name, value)
      if (at !== undefined) setPath(now, prefix, at)
    })
  const area = read('area')
  return {
    at: read('at'),
    query,
    grouping: read('group') === 'module' ? 'module' : 'package',
    weighing: area === 'size' || area === 'change' ? area : usualWeighing,
    scope: read('parts') === 'all' ? 'all' : 'explained',
    addressOf,
    goTo,
    search,
    group: (grouping, at) =>
      set('group', grouping === 'package' ? null : grouping, at ? formatNodePath(at) : ''),
    weigh: (weighing) => set('area', weighing === usualWeighing ? null : weighing),
    choose: (scope) => set('parts', scope === 'explained' ? null : scope),
  }
}

/** The group that fills the picture; the whole needs no parameter. */
function setPath(search: URLSearchParams, prefix: string, path: string): void {
  if (path) search.set(`${prefix}at`, path)
  else search.delete(`${prefix}at`)
}
