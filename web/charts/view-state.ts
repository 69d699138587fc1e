import type { ShouldRevalidateFunctionArgs } from 'react-router'

/**
 * For a route's `shouldRevalidate`: parameters that only say how something is shown, such as `?history=table`,
 * need nothing from the server. Anything else loads as ever.
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
