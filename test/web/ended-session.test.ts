import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client'
import { expect, test } from 'vitest'
import { endedSessionLink } from '../../web/account/ended-session-link.ts'
import { alice, testApp } from '../app.ts'
import { openBrowser } from '../server/sessions/browser.ts'

test('when the session of a page ends, the next answer of a private site leads to signing in', async () => {
  const app = await testApp({ env: { BUILDER_HUB_PRIVATE: 'true' } })
  const browser = openBrowser(app)
  await browser.signIn(alice)
  let onEnded = () => {}
  const hasEnded = new Promise<'ended'>((resolve) => (onEnded = () => resolve('ended')))
  const fetchAsPage: typeof fetch = (_uri, init) => browser.get('/graphql', init)
  const link = ApolloLink.from([endedSessionLink(onEnded), new HttpLink({ uri: '/', fetch: fetchAsPage })])
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  const ask = (query: string) =>
    client.query({ query: gql(query), fetchPolicy: 'no-cache', errorPolicy: 'all' })

  expect((await ask('{ jobs { totalCount } }')).data).toMatchObject({ jobs: { totalCount: 0 } })
  // What this user may not see is no reason to sign in.
  expect((await ask('{ admin { mayChange } }')).error?.message).toMatch(/lacks the right admin:read/)
  await app.deps.writer.transact([], (tx) => tx.session.deleteMany())
  // Pages for administrators say so themselves.
  expect((await ask('{ admin { mayChange } }')).error?.message).toMatch(/sign in/)
  expect(await Promise.race([hasEnded, ask('{ jobs { totalCount } }')])).toBe('ended')
})
