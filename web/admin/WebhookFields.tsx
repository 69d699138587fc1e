import { useId } from 'react'
import type { WebhookFormat } from '../gql/graphql.ts'

export const formatWords: Record<WebhookFormat, string> = {
  STANDARD: 'Standard Webhooks',
  GITHUB: 'GitHub',
  SLACK: 'Slack, Mattermost',
  DISCORD: 'Discord',
  MATRIX: 'Matrix',
  NTFY: 'ntfy',
}

export function FormatField() {
  const id = useId()
  return (
    <div>
      <label htmlFor={id} className="block text-small text-quiet">
        Format
      </label>
      <select
        id={id}
        name="format"
        defaultValue="STANDARD"
        className="mt-1 h-8 w-full rounded-md border border-line-strong bg-surface px-2"
      >
        {Object.entries(formatWords).map(([format, words]) => (
          <option key={format} value={format}>
            {words}
          </option>
        ))}
      </select>
    </div>
  )
}
