import { useApolloClient } from '@apollo/client/react'
import { useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { FooterQuery as Answer } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { visibleText } from '../ui/visible-text.ts'

const FooterQuery = graphql(`
  query Footer {
    site {
      version
      operatorName
      operatorUrl
    }
  }
`)

/**
 * At the foot of each page: other ways to what the site knows, its version, and who runs it. It asks without the hooks for queries, which the first
 * load has no other use for.
 */
export default function Footer() {
  const client = useApolloClient()
  const [site, setSite] = useState<Answer['site']>(null)
  useEffect(() => {
    // On a private site nobody is told who has not signed in.
    client
      .query({ query: FooterQuery, errorPolicy: 'ignore' })
      .then(({ data }) => setSite(data?.site ?? null))
      .catch(() => {})
  }, [client])
  const links = [
    { to: paths.advisories, label: 'Known issues' },
    { to: paths.keys, label: 'Keys' },
    { to: paths.log, label: 'Log' },
  ]
  return (
    <>
      <a href={paths.api}>API</a>
      {links.map(({ to, label }) => (
        <Link key={to} to={to}>
          {label}
        </Link>
      ))}
      <a href={paths.feed()} type="application/atom+xml">
        Feed of all builds
      </a>
      {site && (
        <span className="wide:ml-auto">
          Builder Hub {site.version}
          {site.operatorName !== null && (
            <>
              {', run by '}
              <bdi>
                {site.operatorUrl === null ? (
                  visibleText(site.operatorName)
                ) : (
                  <a href={site.operatorUrl}>{visibleText(site.operatorName)}</a>
                )}
              </bdi>
            </>
          )}
        </span>
      )}
    </>
  )
}
