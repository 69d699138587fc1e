import { graphql } from '../../generated/operations/gql.ts'
import { UnknownBuildError } from '../../retention/pins.ts'
import { slicesOf } from '../../slices.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

const pinDocument = graphql(`
  mutation CommandPinBuild($uuid: UUID!, $reason: String!) {
    pinBuild(uuid: $uuid, reason: $reason) {
      ... on PinBuildSuccess {
        uuid
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const pinOfDocument = graphql(`
  query CommandPinOfBuild($uuid: UUID!) {
    build(uuid: $uuid) {
      pin {
        pinnedAt
      }
    }
  }
`)

const unpinDocument = graphql(`
  mutation CommandUnpinBuild($uuid: UUID!) {
    unpinBuild(uuid: $uuid) {
      ... on UnpinBuildSuccess {
        uuid
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const buildsDocument = graphql(`
  query CommandBuilds($uuids: [UUID!]!) {
    buildsByUuid(uuids: $uuids) {
      uuid
      startedAt
      job {
        name
      }
      platform {
        name
      }
      pin {
        pinnedAt
      }
    }
  }
`)

const removedDocument = graphql(`
  query CommandRemovedBuild($uuid: UUID!) {
    removedBuild(uuid: $uuid) {
      uuid
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveBuild($uuid: UUID!, $reason: String!) {
    removeBuild(uuid: $uuid, reason: $reason) {
      __typename
      ... on RemoveBuildSuccess {
        uuid
      }
      ... on Refusal {
        message
      }
    }
  }
`)

export async function pinBuildAt(site: RemoteSite, uuid: string, reason: string): Promise<void> {
  await site.act(pinDocument, { uuid, reason })
}

/** False: the build was not pinned. */
export async function unpinBuildAt(site: RemoteSite, uuid: string): Promise<boolean> {
  const { build } = await site.ask(pinOfDocument, { uuid })
  await site.act(unpinDocument, { uuid })
  return build?.pin != null
}

/** What commands print of a build that is to be removed. */
export type RemovableBuild = {
  uuid: string
  job: string
  platform: string
  startedAt: Date
  isPinned: boolean
}

/** Builds of a page of `buildsByUuid`. */
const mostAtOnce = 100

/** The stored ones of these builds; those that were removed are left out. Throws UnknownBuildError. */
export async function findBuildsAt(site: RemoteSite, uuids: readonly string[]): Promise<RemovableBuild[]> {
  const found: RemovableBuild[] = []
  const unknown: string[] = []
  for (const slice of slicesOf(uuids, mostAtOnce)) {
    const { buildsByUuid: builds } = await site.ask(buildsDocument, { uuids: slice })
    for (const [index, uuid] of slice.entries()) {
      const build = builds?.[index]
      if (build) {
        const { job, pin, platform, startedAt } = build
        const names = { job: job.name, platform: platform.name }
        found.push({ uuid, ...names, startedAt: toDate(startedAt), isPinned: pin !== null })
      } else if (!(await site.ask(removedDocument, { uuid })).removedBuild) unknown.push(uuid)
    }
  }
  if (unknown.length > 0)
    throw new UnknownBuildError(`there is no build ${unknown.join(', ')}: nothing was removed`)
  return found
}

/** What became of a build: GONE: somebody else has removed it. */
export type BuildRemoval = 'REMOVED' | 'PINNED' | 'GONE'

export async function removeBuildAt(site: RemoteSite, uuid: string, reason: string): Promise<BuildRemoval> {
  const { removeBuild } = await site.ask(removeDocument, { uuid, reason })
  switch (removeBuild?.__typename) {
    case 'RemoveBuildSuccess':
      return 'REMOVED'
    case 'BuildPinnedError':
      return 'PINNED'
    case 'BuildNotFoundError':
      return 'GONE'
    default:
      throw new RemoteSiteError(removeBuild?.message ?? `${site.url} does not say what it did`)
  }
}
