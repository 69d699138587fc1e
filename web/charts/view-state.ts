import type { ShouldRevalidateFunctionArgs } from 'react-router'

/**
 * For `shouldRevalidate` of a route: a change of parameters that only control a view, such as `?history=table`, does
 * not reload. Any other change does.
 */
export function reloadsUnlessOnly(...parameters: string[]) {
  const rest = (url: URL) => {
    const search = new URLSearchParams(url.search)
    for (const parameter of parameters) search.delete(parameter)
    search.sort()
    return `${url.pathname}?${search.toString()}`
  }
  return ({ currentUrl, nextUrl, defaultShouldRevalidate }: ShouldRevalidateFunctionArgs): boolean => {
    const isSameView = currentUrl.search === nextUrl.search
    return isSameView || rest(currentUrl) !== rest(nextUrl) ? defaultShouldRevalidate : false
  }
}
