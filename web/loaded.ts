import { useLoaderData } from 'react-router'

/**
 * What the route's loader gave, Response aside. React Router's own type describes a copy that went
 * through serialization; in a browser-only application it is the very object.
 */
export function useLoaded<Loader extends (...args: never[]) => unknown>() {
  return useLoaderData() as Exclude<Awaited<ReturnType<Loader>>, Response>
}
