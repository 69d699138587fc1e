import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import type { SectionPolicyRowFragment as SectionPolicy } from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { visibleName } from '../ui/visible-text.ts'
import { PolicyFields, policyIn } from './PolicyFields.tsx'

const SetSectionPolicyMutation = graphql(`
  mutation SetSectionPolicy($section: String!, $reproduce: ReproducePolicyInput!) {
    setSectionPolicy(section: $section, reproduce: $reproduce) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

/** Says how often the outputs of a section are built. `known`: the policy that is changed; absent: a new one. */
export default function SetSectionPolicyButton({ known }: { known?: SectionPolicy }) {
  return (
    <ConfirmButton
      label={known ? 'Edit' : 'Add policy'}
      {...(known ? { of: known.section } : {})}
      title={known ? `Repeated builds of ${visibleName(known.section)}` : 'Repeat the builds of a section'}
      mutation={SetSectionPolicyMutation}
      variables={(form) => ({
        section: known?.section ?? textOf(form, 'section').trim(),
        reproduce: policyIn(form) ?? {},
      })}
    >
      {!known && (
        <TextField
          name="section"
          label="Section"
          required
          hint="A heading of the home page, such as Unikernels; Uncategorized: the jobs without one."
        />
      )}
      <PolicyFields known={known?.reproduce ?? null} />
    </ConfirmButton>
  )
}
