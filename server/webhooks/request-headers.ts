import * as z from 'zod'

const Headers = z.record(z.string(), z.string())

/** The headers of an attempt, from the column `WebhookAttempt.requestHeaders`: each as `name: value`. */
export const linesOfHeaders = (json: string): string[] =>
  Object.entries(Headers.parse(JSON.parse(json))).map(([name, value]) => `${name}: ${value}`)
