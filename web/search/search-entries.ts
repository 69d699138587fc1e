import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { IconName } from '../ui/Icon.tsx'
import { describeOutcome, type BuildOutcome } from '../outcomes/result.ts'
import { describeVerdict, type BuildVerdict } from '../outcomes/verdict.ts'
import { adminPaths, paths } from '../paths.ts'
import { formatDay } from '../ui/time.ts'
import { visibleName } from '../ui/visible-text.ts'

const FoundBuildFragment = graphql(`
  fragment FoundBuild on Build {
    id
    uuid
    startedAt
    job {
      id
      name
    }
    platform {
      id
      name
    }
    ...BuildOutcome
    ...BuildVerdict
  }
`)

const SearchFoundFragment = graphql(`
  fragment SearchFound on SearchResults {
    place
    jobs {
      id
      name
      synopsis
      standings {
        newestBuild {
          ...FoundBuild
        }
      }
    }
    platforms {
      id
      name
    }
    packages {
      ecosystem
      name
      versionCount
    }
    builds {
      ...FoundBuild
    }
    files {
      path
      job
      buildCount
      newestBuild {
        ...FoundBuild
      }
    }
    failures {
      build {
        ...FoundBuild
      }
      reason
      line
    }
    contents
    users
  }
`)

export type SearchFound = FragmentType<typeof SearchFoundFragment>

const packagePath = (ecosystem: string, name: string) =>
  `/package/${encodeURIComponent(ecosystem)}/${encodeURIComponent(name)}`

/** How a build stands, in a sign and words. */
export type EntryState = { sign: IconName; tone: string; words: string }

/** Something that was found: where it leads, its name, what else there is to say, and how it stands. */
export type Entry = { to: string; name: string; detail: string; states: EntryState[] }

/** Entries of one kind; `title`: in the plural. */
export type EntryGroup = { title: string; entries: Entry[] }

/** The page that the text of a search names; null: none, or several. */
export const placeOf = (found: SearchFound): string | null =>
  readFragment(SearchFoundFragment, found).place ?? null

/** What was found, by kind. Kinds of which there is nothing are left out. */
export function groupFound(given: SearchFound): EntryGroup[] {
  const found = readFragment(SearchFoundFragment, given)
  const groups: EntryGroup[] = [
    {
      title: 'Jobs',
      entries: found.jobs.map(({ name, synopsis, standings }) => ({
        to: paths.job(name),
        name: visibleName(name),
        detail: synopsis ?? '',
        states: standings.map(({ newestBuild }) => {
          const build = readFragment(FoundBuildFragment, newestBuild)
          return stateOf(build, visibleName(build.platform.name))
        }),
      })),
    },
    { title: 'Builds', entries: found.builds.map((build) => entryOfBuild(build)) },
    {
      title: 'Packages',
      entries: found.packages.map(({ ecosystem, name, versionCount }) => ({
        to: packagePath(ecosystem, name),
        name: visibleName(name),
        detail: `${ecosystem}, ${versionCount} ${versionCount === 1 ? 'version' : 'versions'} in builds`,
        states: [],
      })),
    },
    {
      title: 'Files',
      entries: found.files.map(({ path, job, buildCount, newestBuild }) => {
        const build = readFragment(FoundBuildFragment, newestBuild)
        const count = `${buildCount} ${buildCount === 1 ? 'build' : 'builds'}`
        return {
          to: paths.build(job, build.uuid),
          name: visibleName(path),
          detail: `${visibleName(job)}, ${count}, the newest ${formatDay(build.startedAt)}`,
          states: [stateOf(build)],
        }
      }),
    },
    {
      title: 'Platforms',
      entries: found.platforms.map(({ name }) => ({
        ...{ to: paths.platform(name), name: visibleName(name) },
        ...{ detail: '', states: [] },
      })),
    },
    {
      title: 'Failures',
      entries: found.failures.map(({ build, reason, line }) => ({
        ...entryOfBuild(build),
        detail: visibleName(line || (reason ?? '')),
      })),
    },
    {
      title: 'Files by SHA-256',
      entries: found.contents.map((sha256) => ({
        ...{ to: paths.hash(sha256), name: sha256 },
        ...{ detail: '', states: [] },
      })),
    },
    {
      title: 'Users',
      entries: found.users.map((name) => ({
        ...{ to: adminPaths.user(name), name: visibleName(name) },
        ...{ detail: '', states: [] },
      })),
    },
  ]
  return groups.filter(({ entries }) => entries.length > 0)
}

function entryOfBuild(masked: FragmentType<typeof FoundBuildFragment>): Entry {
  const build = readFragment(FoundBuildFragment, masked)
  return {
    to: paths.build(build.job.name, build.uuid),
    name: visibleName(build.job.name),
    detail: `${visibleName(build.platform.name)}, ${formatDay(build.startedAt)}`,
    states: [stateOf(build)],
  }
}

/** `✓ repeated here ×4`, `✗ failed: compile error`; `name`: in front of it, that of the platform. */
function stateOf(build: BuildOutcome & BuildVerdict, name = ''): EntryState {
  const { good, brief } = describeOutcome(build)
  const verdict = describeVerdict(build)
  const state: EntryState = !good
    ? { sign: 'cross', tone: 'text-bad', words: `failed: ${brief}` }
    : verdict
      ? { sign: verdict.sign, tone: verdict.tone, words: verdict.words }
      : { sign: 'check', tone: 'text-good', words: 'succeeded' }
  return name === '' ? state : { ...state, words: `${name}: ${state.words}` }
}
