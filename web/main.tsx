import { ApolloProvider } from '@apollo/client/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createBrowserRouter, createPath } from 'react-router'
import { RouterProvider } from 'react-router/dom'
import { leaveTo } from './account/leave.ts'
import { createClient } from './apollo.ts'
import { firstPage } from './ui/first-page.ts'
import { paths } from './paths.ts'
import { createRoutes } from './routes.tsx'
import { giveEntryKey } from './shell/history-key.ts'
import { followReleases } from './shell/release.ts'
import './theme.css'

const root = document.getElementById('app')
if (!root) throw new Error('index.html has no #app')

giveEntryKey(window)
followReleases()
const client = createClient(() => {
  // The page that was asked for, or else the one that is shown.
  const { location, navigation } = router.state
  leaveTo(paths.login(createPath(navigation.location ?? location)))
})
const router = createBrowserRouter(createRoutes(client))

// What the server wrote of the first page is not true of the next.
const shown = window.location.pathname
const unsubscribe = router.subscribe(({ location }) => {
  if (location.pathname === shown) return
  for (const element of document.head.querySelectorAll('[data-page]')) element.remove()
  unsubscribe()
})

const application = (
  <StrictMode>
    <ApolloProvider client={client}>
      <RouterProvider router={router} />
    </ApolloProvider>
  </StrictMode>
)

// Not awaited: the parts of the page import this module.
if (firstPage) void import('./take-over.tsx').then(({ takeOver }) => takeOver(root, router, application))
else createRoot(root).render(application)
