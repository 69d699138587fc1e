import { graphql } from '../../generated/operations/gql.ts'
import type { FoundBuildOfCommandFragment } from '../../generated/operations/graphql.ts'
import type { Found } from '../print-search.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

export const foundBuildFragment = graphql(`
  fragment FoundBuildOfCommand on Build {
    uuid
    job {
      name
    }
    platform {
      name
    }
    startedAt
    outcome
    mainBinary {
      path
    }
    reproducibility {
      grade {
        brief
      }
    }
  }
`)

const document = graphql(`
  query CommandSearch($text: String!, $limit: Int!) {
    search(text: $text, limit: $limit) {
      jobs {
        name
        synopsis
      }
      platforms {
        name
      }
      packages {
        ecosystem
        name
        versionCount
      }
      builds {
        ...FoundBuildOfCommand
      }
      files {
        path
        job
        buildCount
      }
      failures {
        build {
          ...FoundBuildOfCommand
        }
        line
      }
      contents
      users
    }
  }
`)

/** What a site has with these words: at most `first` of each kind. */
export async function searchAt(site: RemoteSite, text: string, first: number): Promise<Found> {
  const { search } = await site.ask(document, { text, limit: first })
  const { builds, contents, failures, files, jobs, packages, platforms, users } = search
  return {
    ...{ jobs, platforms, packages, builds: builds.map(toFoundBuild), files },
    failures: failures.map(({ build, line }) => ({ ...toFoundBuild(build), line })),
    ...{ contents, users },
  }
}

const toFoundBuild = (build: FoundBuildOfCommandFragment): Found['builds'][number] => ({
  ...{ uuid: build.uuid, job: build.job.name, platform: build.platform.name },
  startedAt: toDate(build.startedAt),
  outcome: build.mainBinary ? `${build.outcome}, ${build.reproducibility.grade.brief}` : build.outcome,
})
