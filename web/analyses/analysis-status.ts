import { graphql } from '../gql/index.ts'

/** What a page knows of one analysis. */
export const AnalysisStatusFragment = graphql(`
  fragment AnalysisStatus on Analysis {
    id
    kind
    state
    error
    attempts
    version
  }
`)

/** Spread it on a build, once for all its sections. */
export const BuildAnalysesFragment = graphql(`
  fragment BuildAnalyses on Build {
    id
    uuid
    analyses {
      id
      ...AnalysisStatus
    }
  }
`)
