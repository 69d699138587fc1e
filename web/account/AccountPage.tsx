import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { Link } from 'react-router'
import { preload } from '../apollo.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { paths } from '../paths.ts'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { roleWords } from '../ui/role-words.ts'
import { visibleName } from '../ui/visible-text.ts'
import { elsewherePath } from './elsewhere-path.ts'
import { NotificationSection } from './NotificationSection.tsx'
import { PasswordSection } from './PasswordSection.tsx'
import { SecondFactorSection } from './SecondFactorSection.tsx'
import { SessionSection } from './SessionSection.tsx'
import { TokenSection } from './TokenSection.tsx'

const AccountPageQuery = graphql(`
  query AccountPage {
    viewer {
      name
      role
      signsInElsewhere
      ...Notifications
      ...SecondFactor
      ...Sessions
      ...OwnTokens
    }
  }
`)

export async function loadAccountPage(client: ApolloClient) {
  return { query: await preload(client, AccountPageQuery, {}) }
}

export function AccountPage() {
  const { data } = useReadQuery(useLoaded<typeof loadAccountPage>().query)
  const { viewer } = data
  if (!viewer)
    return (
      <Notice title="Nobody is signed in">
        <PageTitle>Account · Builder Hub</PageTitle>
        <p>
          <Link to={paths.login(paths.account)}>Sign in</Link> to see your account.
        </p>
      </Notice>
    )
  return (
    <div className="max-w-[48rem] space-y-8">
      <PageTitle>Account · Builder Hub</PageTitle>
      <div>
        <h1>Account</h1>
        <p className="text-quiet">
          {visibleName(viewer.name)}, {roleWords[viewer.role]}
        </p>
      </div>
      <SessionSection viewer={viewer} />
      <NotificationSection viewer={viewer} />
      <TokenSection viewer={viewer} />
      {viewer.signsInElsewhere ? (
        <p className="text-quiet">
          You sign in at another site. Your password and your second factor are there.{' '}
          <a href={elsewherePath(paths.account, { isAgain: true })}>Give the password again</a>
        </p>
      ) : (
        <>
          <PasswordSection userName={viewer.name} />
          <SecondFactorSection viewer={viewer} />
        </>
      )}
    </div>
  )
}
