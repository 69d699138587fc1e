import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler } from '../http.ts'
import { buildJson } from './build-json.ts'
import { answerCompare } from './compare.http.ts'
import { jobJson } from './job-json.ts'
import { jobsJson } from './jobs-json.ts'
import { prefersJson } from './prefers-json.ts'
import { sendJson } from './send-json.ts'

/**
 * The JSON that builder-web's clients get instead of a page, by the path of the page in find-my-way's syntax.
 * Source: docs/spec/drop-in.md, "URLs".
 */
export function jsonAnswers(deps: Pick<Deps, 'analyses' | 'blobs' | 'config' | 'db' | 'log' | 'workers'>) {
  const answerJobs =
    (recentDays: number | null): HttpHandler =>
    async ({ request, response }) =>
      sendJson(request, response, await jobsJson(deps, recentDays))

  const answerJob =
    (withFailed: boolean): HttpHandler =>
    async ({ request, response, params, query }) => {
      const { job = '' } = params
      // A form without a chosen platform sends an empty one.
      const platform = query.get('platform') || null
      const answer = await jobJson(deps, { job, platform, withFailed })
      if (answer) sendJson(request, response, answer)
      else sendText(response, 404, `no job ${JSON.stringify(job)}`)
    }

  const answerBuild: HttpHandler = async ({ request, response, params }) => {
    const { job = '', uuid = '' } = params
    const answer = await buildJson(deps, job, uuid)
    if (answer) sendJson(request, response, answer)
    else sendText(response, 404, `job ${JSON.stringify(job)} has no build ${uuid}`)
  }

  const answers: Record<string, HttpHandler> = {
    '/': answerJobs(deps.config.expiredJobsDays || null),
    '/all-builds': answerJobs(null),
    '/job/:job': answerJob(false),
    '/job/:job/failed': answerJob(true),
    '/job/:job/build/:uuid': answerBuild,
    '/compare/:left/:right': answerCompare(deps),
  }
  return (path: string, { headers }: IncomingMessage): HttpHandler | null =>
    (prefersJson(headers.accept) && answers[path]) || null
}
