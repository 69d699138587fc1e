import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { TextDiffView } from '../diffs/TextDiffView.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import '../diffs/diffs.css'
import { visibleText } from '../ui/visible-text.ts'

const VersionListFragment = graphql(`
  fragment VersionList on DefinitionVersion {
    version
    at
    changedBy
    isRemoval
    changes {
      ...TextDiffView
    }
  }
`)

/** What something was, the newest version first, each with how it differs from the one before. */
export function VersionList(props: {
  versions: readonly FragmentType<typeof VersionListFragment>[]
  /** For copied differences. */
  path: string
}) {
  return (
    <ol className="space-y-3">
      {readFragment(VersionListFragment, props.versions).map(
        ({ at, changedBy, changes, isRemoval, version }) => (
          <li key={version}>
            <details open={version > 1 && !isRemoval && props.versions.length < 3}>
              <summary className="cursor-pointer">
                Version {version}
                {isRemoval && ': removed'}
                <span className="text-quiet">
                  {', '}
                  <RelativeTime at={at} /> by {changedBy === null ? 'the hub' : visibleText(changedBy)}
                </span>
              </summary>
              <div className="mt-2">
                <TextDiffView
                  diff={changes}
                  label={`Changes of version ${version}`}
                  path={props.path}
                  view="unified"
                />
              </div>
            </details>
          </li>
        ),
      )}
    </ol>
  )
}
