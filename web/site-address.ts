import { createContext, useContext } from 'react'
import { firstPage } from './ui/first-page.ts'

/** The address of the site, such as `https://builds.example.org`, where the server draws a page. In a browser, null. */
export const SiteAddress = createContext<string | null>(null)

/** The address of the site, as its visitors know it. */
export function useSiteAddress(): URL {
  const given = useContext(SiteAddress)
  return new URL(given ?? firstPage?.site ?? window.location.origin)
}
