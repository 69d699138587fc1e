import { useQuery } from '@apollo/client/react'
import { maybeSignedIn } from '../account/signed-in.ts'
import { graphql } from '../gql/index.ts'

const MayScheduleQuery = graphql(`
  query MaySchedule {
    viewer {
      rights
    }
  }
`)

/** Whether the viewer may say what is built. Who has never signed in here is not asked for. */
export function useMaySchedule(): boolean {
  const { data } = useQuery(MayScheduleQuery, {
    skip: !maybeSignedIn(),
    fetchPolicy: 'no-cache',
    errorPolicy: 'all',
  })
  return data?.viewer?.rights.includes('SCHEDULE') ?? false
}
