import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import type { PickedBuild } from './BuildPicker.tsx'

const PickerChoicesFragment = graphql(`
  fragment PickerChoices on Build {
    uuid
    newestWithMainBinary {
      id
      uuid
      startedAt
    }
    previousDifferentOutput {
      id
      uuid
      startedAt
    }
    nextDifferentOutput {
      id
      uuid
      startedAt
    }
    previousSuccess {
      id
      uuid
      startedAt
    }
  }
`)

/** The builds that one mostly wants to compare with. Several names for one build are one choice. */
export function PickerChoices(props: {
  build: FragmentType<typeof PickerChoicesFragment>
  keeps: { uuid: string }
  addressOf: (build: PickedBuild) => string
}) {
  const build = readFragment(PickerChoicesFragment, props.build)
  const choices = [
    { name: 'Latest output', of: build.newestWithMainBinary },
    { name: 'Previous different output', of: build.previousDifferentOutput },
    { name: 'Next different output', of: build.nextDifferentOutput },
    { name: 'Last success', of: build.previousSuccess },
  ].flatMap(({ name, of }) => (of && of.uuid !== props.keeps.uuid ? [{ name, build: of }] : []))
  if (choices.length === 0) return null
  const uuids = [...new Set(choices.map((choice) => choice.build.uuid))]
  return (
    <ul aria-label="Quick choices" className="mt-2 flex flex-wrap gap-2">
      {uuids.map((uuid) => {
        const [first, ...others] = choices.filter((choice) => choice.build.uuid === uuid)
        if (!first) return null
        const names = [first.name, ...others.map(({ name }) => name.toLowerCase())]
        return (
          <li key={first.build.uuid}>
            <Link to={props.addressOf(first.build)} className="control" data-picker-row="">
              {names.join(', ')}{' '}
              <span className="text-quiet">
                <RelativeTime at={first.build.startedAt} />
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
