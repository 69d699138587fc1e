import { graphql } from '../../generated/operations/gql.ts'
import { isInRange, type VersionRange } from '../../package-sets/version-range.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

/** What `hub package show` prints of a package. */
export type DescribedPackage = {
  ecosystem: string
  name: string
  versions: {
    version: string
    advisories: string[]
    firstBuild: BuildWithVersion | null
    lastBuild: BuildWithVersion | null
  }[]
  /** The newest builds that have it. */
  uses: {
    job: string
    platform: string
    uuid: string
    startedAt: Date
    identifiedBy: string
    isRequired: boolean
    version: string
    isBehind: boolean
  }[]
}

type BuildWithVersion = { uuid: string; job: string; startedAt: Date }

const listDocument = graphql(`
  query CommandPackages($ecosystem: String, $search: String, $first: Int, $after: String) {
    packages(ecosystem: $ecosystem, search: $search, first: $first, after: $after) {
      nodes {
        name
        ecosystem
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandPackage($ecosystem: String!, $name: String!, $range: String) {
    package(ecosystem: $ecosystem, name: $name) {
      ecosystem
      name
      versions {
        version
        advisories
        firstBuild {
          uuid
          job
          startedAt
        }
        lastBuild {
          uuid
          job
          startedAt
        }
      }
      uses(version: $range) {
        nodes {
          job
          platform
          uuid
          startedAt
          identifiedBy
          isRequired
          version
          isBehind
        }
      }
    }
  }
`)

/** As `listKnownPackages`. */
export const listPackagesAt = (
  site: RemoteSite,
  filter: { ecosystem: string | null; search: string | null },
) => allItems(site, listDocument, filter, ({ packages }) => packages)

/** As `describePackage`: at most 1,000 builds. Null: no build has, or had, the package. */
export async function showPackageAt(
  site: RemoteSite,
  key: { ecosystem: string; name: string },
  range: { text: string; parsed: VersionRange } | null,
): Promise<DescribedPackage | null> {
  const { package: found } = await site.ask(showDocument, { ...key, range: range?.text ?? null })
  if (!found) return null
  return {
    ...key,
    versions: found.versions
      .filter(({ version }) => !range || isInRange(key.ecosystem, range.parsed, version))
      .map(({ firstBuild, lastBuild, ...own }) => ({
        ...own,
        ...{ firstBuild: firstBuild && withDate(firstBuild), lastBuild: lastBuild && withDate(lastBuild) },
      })),
    uses: found.uses.nodes.map(withDate),
  }
}

const withDate = <Item extends { startedAt: string }>(item: Item) => ({
  ...item,
  startedAt: toDate(item.startedAt),
})
