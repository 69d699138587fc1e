/** What endpoints get, and a sentence for people. */
export const endpointFormats = {
  STANDARD: 'The Standard Webhooks specification.',
  GITHUB: 'As GitHub signs and names its webhooks, beside the headers of the specification.',
  SLACK: 'A message for Slack or Mattermost.',
  DISCORD: 'A message for Discord.',
  MATRIX: 'A message for a room of Matrix.',
  NTFY: 'A message for ntfy.',
} as const

export type EndpointFormat = keyof typeof endpointFormats

export const endpointFormatNames = Object.keys(endpointFormats) as EndpointFormat[]

export const isEndpointFormat = (text: string): text is EndpointFormat => Object.hasOwn(endpointFormats, text)
