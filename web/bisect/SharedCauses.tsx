import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'

const SharedCausesFragment = graphql(`
  fragment SharedCauses on BrokenTogether {
    jobCount
    firstAt
    incidents {
      job
      platform
      firstBuild {
        id
        uuid
      }
      lastGood {
        id
        uuid
      }
    }
    changes {
      kind
      name
      text
      jobCount
    }
  }
`)

/** More shared changes are folded: they tell little. */
const fewChanges = 5

/** Jobs that broke within two hours of each other, and which changes of their inputs they share. */
export function SharedCauses(props: { groups: readonly FragmentType<typeof SharedCausesFragment>[] }) {
  return (
    <ul aria-label="Jobs that broke together">
      {readFragment(SharedCausesFragment, props.groups).map(({ jobCount, firstAt, incidents, changes }) => (
        <li
          key={incidents.map(({ firstBuild }) => firstBuild.id).join()}
          className="border-t border-line py-2"
        >
          <p>
            <span className="font-semibold">{jobCount} jobs broke within hours</span>{' '}
            <span className="text-quiet">
              from <ExactTime at={firstAt} />
            </span>
            :{' '}
            {incidents.map(({ job, platform, firstBuild, lastGood }, index) => (
              <span key={firstBuild.id} className="wrap-anywhere">
                {index > 0 && ', '}
                <Link
                  to={
                    lastGood
                      ? `${paths.compare(lastGood.uuid, firstBuild.uuid)}#cause`
                      : paths.build(job, firstBuild.uuid)
                  }
                >
                  <Name>{job}</Name> on <Name>{platform}</Name>
                </Link>
              </span>
            ))}
          </p>
          {changes.length === 0 ? (
            <p className="text-quiet">Their inputs share no change.</p>
          ) : (
            <Shared changes={changes} jobCount={jobCount} />
          )}
        </li>
      ))}
    </ul>
  )
}

type Shared = { kind: string; name: string; text: string; jobCount: number }

function Shared({ changes, jobCount }: { changes: readonly Shared[]; jobCount: number }) {
  const [first, rest] = [changes.slice(0, fewChanges), changes.slice(fewChanges)]
  const words = ({ kind, name, text }: Shared) =>
    kind === 'PACKAGE' ? (
      <Link to={paths.package('opam', name)}>
        <Name>{text}</Name>
      </Link>
    ) : (
      <Name>{text}</Name>
    )
  const shared = changes[0]?.jobCount ?? 0
  return (
    <p className="mt-0.5 wrap-anywhere">
      {shared === jobCount ? 'What they share: ' : `What ${shared} of them share: `}
      {first.map((change, index) => (
        <span key={`${change.kind} ${change.name}`}>
          {index > 0 && ', '}
          {words(change)}
        </span>
      ))}
      {rest.length > 0 && <span className="text-quiet"> and {rest.length} more</span>}
    </p>
  )
}
