import { useId } from 'react'
import { ConfirmButton, textOf } from '../admin/ActButton.tsx'
import { graphql } from '../gql/index.ts'
import type { TemplateKind } from '../gql/graphql.ts'
import { TextField } from '../ui/TextField.tsx'
import { TextArea } from './TextArea.tsx'

const SetTemplateMutation = graphql(`
  mutation SetTemplate($kind: TemplateKind!, $platform: String!, $content: String!) {
    setTemplate(kind: $kind, platform: $platform, content: $content) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

type Known = { kind: TemplateKind; platform: string; content: string }

/** Writes a template into the database. `known`: the one that is edited; absent: a new one. */
export default function SetTemplateButton({ known, onDone }: { known?: Known; onDone?: () => void }) {
  const id = useId()
  return (
    <ConfirmButton
      label={known ? 'Edit' : 'Add template'}
      title={known ? 'Edit this template' : 'Add a template'}
      mutation={SetTemplateMutation}
      variables={(form) => ({
        kind: known?.kind ?? (textOf(form, 'kind') === 'REBUILD' ? 'REBUILD' : 'BUILD'),
        platform: known?.platform ?? textOf(form, 'platform'),
        content: textOf(form, 'content').replaceAll('\r\n', '\n'),
      })}
      {...(onDone ? { onDone } : {})}
    >
      {!known && (
        <>
          <TextField name="platform" label="Platform" required />
          <div>
            <label htmlFor={id} className="block text-small text-quiet">
              For
            </label>
            <select
              id={id}
              name="kind"
              className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
            >
              <option value="BUILD">opam packages</option>
              <option value="REBUILD">builds that are repeated from their inputs</option>
            </select>
          </div>
        </>
      )}
      <TextArea
        name="content"
        label="Template"
        required
        rows={14}
        defaultValue={known?.content ?? '#!/bin/sh\nset -ex\n\n'}
        hint="%%OPAM_PACKAGE%% and %%PLATFORM%% are replaced as text, unquoted."
      />
    </ConfirmButton>
  )
}
