import { useCallback, useContext } from 'react'
import { type Location, UNSAFE_DataRouterContext } from 'react-router'

/**
 * Reads where the application is, or is going: the next change of the address starts from there. What a component
 * rendered last may be behind, when keys follow each other faster than pages are drawn; and only the router
 * itself knows better.
 */
export function useLatestLocation(): () => Location {
  const context = useContext(UNSAFE_DataRouterContext)
  if (!context) throw new Error('useLatestLocation needs a data router around it')
  const { router } = context
  return useCallback(() => router.state.navigation.location ?? router.state.location, [router])
}
