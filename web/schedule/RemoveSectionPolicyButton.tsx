import { ConfirmButton } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import { visibleName } from '../ui/visible-text.ts'

const RemoveSectionPolicyMutation = graphql(`
  mutation RemoveSectionPolicy($section: String!) {
    removeSectionPolicy(section: $section) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export default function RemoveSectionPolicyButton({ section }: { section: string }) {
  return (
    <ConfirmButton
      label="Remove"
      of={section}
      title={`Remove the policy of ${visibleName(section)}?`}
      mutation={RemoveSectionPolicyMutation}
      variables={() => ({ section })}
    >
      <p>Its outputs are built once from then on, unless the schedule of a job says more often.</p>
    </ConfirmButton>
  )
}
