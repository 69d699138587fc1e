import { graphql } from '../gql/index.ts'
import type { VendoredChangesFragment as Opam } from '../gql/graphql.ts'
import type { Change } from './ChangeList.tsx'
import { changeOf } from './duniverse-change.ts'
import type { TextFilter } from './text-filter.ts'

export const VendoredFragment = graphql(`
  fragment VendoredChanges on OpamDiff {
    duniverse {
      onlyLeft {
        name
        url
      }
      onlyRight {
        name
        url
      }
      changed {
        name
        isSameContent
        left {
          url
        }
        right {
          url
        }
        hashes {
          kind
          left
          right
        }
      }
    }
  }
`)

/** The folders of sources that the root package vendors: those that pass a filter, and how many are listed without it. */
export function vendoredChanges(opam: Opam | null, { matches }: TextFilter) {
  const { onlyLeft = [], onlyRight = [], changed = [] } = opam?.duniverse ?? {}
  const passing: Change[] = [
    ...changed
      .filter(({ name, left, right, hashes }) =>
        matches(name, left.url, right.url, ...hashes.flatMap((hash) => [hash.left ?? '', hash.right ?? ''])),
      )
      .map((folder) => withNote(changeOf(folder), 'vendored')),
    ...onlyRight
      .filter(({ name, url }) => matches(name, url))
      .map(({ name, url }) => ({ name, left: null, right: url, note: 'vendored, added' })),
    ...onlyLeft
      .filter(({ name, url }) => matches(name, url))
      .map(({ name, url }) => ({ name, left: url, right: null, note: 'vendored, removed' })),
  ]
  return { passing, listedCount: onlyLeft.length + onlyRight.length + changed.length }
}

const withNote = (change: Change, note: string): Change => ({
  ...change,
  note: change.note === undefined ? note : `${note}, ${change.note}`,
})
