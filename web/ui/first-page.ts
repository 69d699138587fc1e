/**
 * What the server wrote beside the page that it drew: the answers in it, as Apollo's cache keeps them, its time in milliseconds since 1970, and the address of the
 * site.
 */
export type FirstPage = { now: number; site: string; cache: object }

/** The element of the page that has it. Not run, and so allowed by the content security policy. */
export const firstPageId = 'first-page'

const isServer = typeof document === 'undefined'

/** Null: the server has not rendered this page, or this is the server. */
export const firstPage: FirstPage | null = isServer ? null : readFirstPage()

function readFirstPage(): FirstPage | null {
  const text = document.getElementById(firstPageId)?.textContent
  // The server that sent the application has written it.
  return text ? (JSON.parse(text) as FirstPage) : null
}

let isOpening = isServer || firstPage !== null

/** Whether the answers that came with the page are new enough: until it is open. Always true on the server. */
export const hasFreshAnswers = (): boolean => isOpening

/** From now on, what is asked for is asked for anew. */
export function endOpening(): void {
  isOpening = false
}
