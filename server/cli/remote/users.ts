import { graphql } from '../../generated/operations/gql.ts'
import { UserNotFoundError } from '../../users/user-errors.ts'
import type { UserFacts } from '../../users/users.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'

const listDocument = graphql(`
  query CommandUsers($first: Int, $after: String) {
    admin {
      users(first: $first, after: $after) {
        nodes {
          name
          role
          isUnrestricted
          isDisabled
          jobs
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const accessDocument = graphql(`
  query CommandAccess($name: String!) {
    admin {
      user(name: $name) {
        jobs
      }
    }
  }
`)

const setEmailDocument = graphql(`
  mutation CommandSetUserEmail($name: String!, $email: String) {
    setUserEmail(name: $name, email: $email) {
      ... on SetUserEmailSuccess {
        name
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveUser($name: String!) {
    removeUser(name: $name, confirmation: $name) {
      ... on RemoveUserSuccess {
        name
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const addAccessDocument = graphql(`
  mutation CommandAddAccess($user: String!, $job: String!) {
    addAccess(user: $user, job: $job) {
      ... on AddAccessSuccess {
        name
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removeAccessDocument = graphql(`
  mutation CommandRemoveAccess($user: String!, $job: String!) {
    removeAccess(user: $user, job: $job) {
      ... on RemoveAccessSuccess {
        name
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listUsers`. */
export async function listUsersAt(site: RemoteSite): Promise<UserFacts[]> {
  const users = await allItems(site, listDocument, {}, ({ admin }) => admin?.users)
  return users.map(({ name, role, isUnrestricted, isDisabled, jobs }) => ({
    ...{ name, role, unrestricted: isUnrestricted, disabled: isDisabled, jobs },
  }))
}

/** Throws UserNotFoundError unless the site has the user. */
export async function checkUserAt(site: RemoteSite, name: string): Promise<void> {
  const { admin } = await site.ask(accessDocument, { name })
  if (!admin?.user) throw new UserNotFoundError(`no user ${name}: "hub user add ${name}" creates one`)
}

/** `email` empty: nowhere. */
export async function setEmailAt(site: RemoteSite, name: string, email: string): Promise<void> {
  await site.act(setEmailDocument, { name, email })
}

export async function removeUserAt(site: RemoteSite, name: string): Promise<void> {
  await site.act(removeDocument, { name })
}

async function hasAccess(site: RemoteSite, user: string, job: string): Promise<boolean> {
  const { admin } = await site.ask(accessDocument, { name: user })
  // Of an unknown user the mutation tells.
  return admin?.user?.jobs.includes(job) ?? false
}

/** As `addAccess`: false if the user was allowed to. */
export async function addAccessAt(site: RemoteSite, user: string, job: string): Promise<boolean> {
  const isKnown = await hasAccess(site, user, job)
  await site.act(addAccessDocument, { user, job })
  return !isKnown
}

/** As `removeAccess`: false if the user was not allowed to. */
export async function removeAccessAt(site: RemoteSite, user: string, job: string): Promise<boolean> {
  const isKnown = await hasAccess(site, user, job)
  await site.act(removeAccessDocument, { user, job })
  return isKnown
}
