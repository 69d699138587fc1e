import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { Icon } from '../ui/Icon.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { standingOf } from './run-words.ts'

const RunMarkFragment = graphql(`
  fragment RunMark on Run {
    uuid
    state
    tries {
      number
      uuid
      workerName
      leaseUntil
      state
    }
  }
`)

/** How far a run is, in a word, as the way to its page: there is its console while it runs. */
export function RunMark(props: { run: FragmentType<typeof RunMarkFragment>; of: string }) {
  const run = readFragment(RunMarkFragment, props.run)
  const { sign, tone, words } = standingOf(run)
  return (
    <Link
      to={paths.run(run.uuid)}
      className="inline-flex items-center gap-1.5 align-bottom whitespace-nowrap"
    >
      <Icon name={sign} className={tone} />
      <span className={tone}>{words}</span>
      <span className="sr-only"> ({visibleText(props.of)})</span>
    </Link>
  )
}
