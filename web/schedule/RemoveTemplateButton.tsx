import { ConfirmButton } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import type { TemplateKind } from '../gql/graphql.ts'
import { visibleName } from '../ui/visible-text.ts'

const RemoveTemplateMutation = graphql(`
  mutation RemoveTemplate($kind: TemplateKind!, $platform: String!) {
    removeTemplate(kind: $kind, platform: $platform) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export default function RemoveTemplateButton(props: {
  kind: TemplateKind
  platform: string
  onDone: () => void
}) {
  const { kind, platform, onDone } = props
  return (
    <ConfirmButton
      label="Remove"
      title={`Remove the template of ${visibleName(platform)}?`}
      mutation={RemoveTemplateMutation}
      variables={() => ({ kind, platform })}
      onDone={onDone}
    >
      <p>Opam packages wait on this platform until it has another one. The history stays.</p>
    </ConfirmButton>
  )
}
