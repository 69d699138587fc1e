// What the server renders: the page of an address as HTML, with the answers that the application goes on from.
import { text } from 'node:stream/consumers'
import { ApolloClient, ApolloLink, InMemoryCache, Observable } from '@apollo/client'
import { ApolloProvider } from '@apollo/client/react'
import { StrictMode } from 'react'
import { prerenderToNodeStream } from 'react-dom/static'
import { createStaticHandler, createStaticRouter, StaticRouterProvider } from 'react-router'
import { cacheOptions } from './apollo.ts'
import type { FirstPage } from './ui/first-page.ts'
import { DrawnAt } from './ui/now.ts'
import { persistedHash } from './persisted-hash.ts'
import { routeModules } from './route-modules.ts'
import { createRoutes } from './routes.tsx'
import { SiteAddress } from './site-address.ts'

/** An operation of the application, by the hash of its text. */
export type AskedOperation = { sha256: string; variables: object; operationName: string | undefined }

/** `markup`: content of `#app`. `answers`: what the caches begin with. `module`: the file of the page in this folder. */
export type RenderedPage = { markup: string; answers: FirstPage; module: string | null }

/** Renders the page of an address, such as `https://builds.example.org/job/hello`. Null: the page leads elsewhere, or is not found. */
export async function renderPage(
  url: string,
  ask: (operation: AskedOperation) => Promise<{ data?: object | null; errors?: readonly object[] }>,
): Promise<RenderedPage | null> {
  const link = new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable((observer) => {
        ask({ sha256: persistedHash(query), variables, operationName }).then(
          (answer) => {
            observer.next(answer as ApolloLink.Result)
            observer.complete()
          },
          (error: unknown) => observer.error(error),
        )
      }),
  )
  const client = new ApolloClient({ link, cache: new InMemoryCache(cacheOptions), ssrMode: true })
  const handler = createStaticHandler(createRoutes(client))
  const context = await handler.query(new Request(url))
  if (context instanceof Response || context.errors) return null
  // What is asked for while the page is drawn is not in it.
  const cache = client.cache.extract() as object
  const problems: unknown[] = []
  const router = createStaticRouter(handler.dataRoutes, context)
  const now = Date.now()
  const site = new URL(url).origin
  const { prelude } = await prerenderToNodeStream(
    <StrictMode>
      <DrawnAt value={now}>
        <SiteAddress value={site}>
          <ApolloProvider client={client}>
            <StaticRouterProvider router={router} context={context} hydrate={false} />
          </ApolloProvider>
        </SiteAddress>
      </DrawnAt>
    </StrictMode>,
    // All of it in its place: what comes later would be put there by a script, which the site forbids.
    {
      progressiveChunkSize: Number.MAX_SAFE_INTEGER,
      onError: (error: unknown) => {
        problems.push(error)
      },
    },
  )
  const markup = await text(prelude)
  if (problems.length > 0) throw problems[0]
  return {
    // The site forbids style attributes, and quotation marks in texts are escaped. public/apply-styles.js applies them.
    markup: markup.replaceAll(' style="', ' data-style="'),
    answers: { now, site, cache },
    module: routeModules[context.matches.at(-1)?.route.path ?? ''] ?? null,
  }
}
