import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import type { HttpHandler } from '../http.ts'
import { answerCompare } from './compare.http.ts'
import { prefersJson } from './prefers-json.ts'

/**
 * What builder-web's clients get in place of a page, when they ask for JSON, by the page's path in
 * find-my-way's syntax. Source: spec/drop-in.md, "URLs".
 */
export function jsonAnswers(deps: Pick<Deps, 'db' | 'blobs' | 'workers'>) {
  const answers: Record<string, HttpHandler> = {
    '/compare/:left/:right': answerCompare(deps),
  }
  return (path: string, { headers }: IncomingMessage): HttpHandler | null =>
    (prefersJson(headers.accept) && answers[path]) || null
}
