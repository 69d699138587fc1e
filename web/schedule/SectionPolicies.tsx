import { lazy, Suspense } from 'react'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { Empty } from '../ui/Notice.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { placesOf } from './policy-words.ts'

const SetSectionPolicyButton = lazy(() => import('./SetSectionPolicyButton.tsx'))
const RemoveSectionPolicyButton = lazy(() => import('./RemoveSectionPolicyButton.tsx'))

const SectionPolicyRowFragment = graphql(`
  fragment SectionPolicyRow on SectionPolicy {
    section
    reproduce {
      times
      anyPlatform
      platforms
      within
    }
  }
`)

const columns = [
  { name: 'Section' },
  { name: 'Builds in all', number: true },
  { name: 'On' },
  { name: 'Within' },
  { name: 'Actions', hidden: true },
]

/** How often the outputs of the jobs of each section are built. */
export function SectionPolicies(props: {
  policies: readonly FragmentType<typeof SectionPolicyRowFragment>[]
  mayChange: boolean
}) {
  const policies = readFragment(SectionPolicyRowFragment, props.policies)
  return (
    <section className="mt-8" aria-labelledby="sections">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 id="sections">Repeated builds, by section</h2>
        {props.mayChange && (
          <Suspense fallback={null}>
            <SetSectionPolicyButton />
          </Suspense>
        )}
      </div>
      {policies.length > 0 ? (
        <Table label="Repeated builds" columns={columns}>
          {policies.map((policy) => (
            <Row key={policy.section}>
              <Cell className="name font-semibold">{visibleName(policy.section)}</Cell>
              <Cell number>
                {policy.reproduce.times}
                <span className="wide:hidden"> builds of each output</span>
              </Cell>
              <Cell className="wide:w-full">{placesOf(policy.reproduce)}</Cell>
              <Cell className="whitespace-nowrap">
                <span className="wide:hidden">within </span>
                {policy.reproduce.within}
              </Cell>
              <Cell>
                {props.mayChange && (
                  <Suspense fallback={null}>
                    <span className="flex flex-wrap gap-1 wide:flex-nowrap">
                      <SetSectionPolicyButton known={policy} />
                      <RemoveSectionPolicyButton section={policy.section} />
                    </span>
                  </Suspense>
                )}
              </Cell>
            </Row>
          ))}
        </Table>
      ) : (
        <Empty>
          No section has a policy. With one, the hub builds each new output of its jobs again from the
          recorded inputs, and says whether the result is the same. A schedule can have a policy of its own.
        </Empty>
      )}
    </section>
  )
}
