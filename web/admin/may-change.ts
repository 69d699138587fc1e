import { graphql } from '../gql/index.ts'

/** Whether the viewer is an administrator who may change things. Others get an error, which says no. */
export const MayChangeQuery = graphql(`
  query MayChange {
    admin {
      mayChange
    }
  }
`)
