import type { IncomingMessage } from 'node:http'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler } from '../http.ts'
import type { MadeAnswer } from '../made-answer.ts'
import { untilChange } from '../until-change.ts'
import { buildJson, removedBuildJson } from './build-json.ts'
import { answerCompare } from './compare.http.ts'
import { jobJson } from './job-json.ts'
import { jobsJson } from './jobs-json.ts'
import { prefersJson } from './prefers-json.ts'
import { makeJson, sendJson } from './send-json.ts'

/** Maximum number of cached answers. One of a job with thousands of outputs has some hundred kilobytes. */
const maxKept = 200
/** Answers depend on the current time ("jobs of the last 30 days") and on analyses: both are this late at most. */
const maxAgeMs = 60_000

/**
 * The JSON that builder-web's clients get instead of a page, by the path of the page in find-my-way's syntax.
 * Source: docs/spec/drop-in.md, "URLs".
 */
export function jsonAnswers(
  deps: Pick<
    Deps,
    'analyses' | 'blobs' | 'clock' | 'copies' | 'config' | 'db' | 'changes' | 'log' | 'workers'
  >,
) {
  const keep = untilChange<{ json: MadeAnswer | null }>(
    deps.changes,
    maxKept,
    ({ json }) => json !== null,
    maxAgeMs,
  )
  /** The cached answer, or a new one. Null if `make` finds nothing. */
  const keepJson = async (
    asker: IncomingMessage,
    key: readonly unknown[],
    make: () => Promise<object | null>,
  ) => {
    const { json } = await keep(asker, JSON.stringify(key), async () => {
      const value = await make()
      return { json: value && makeJson(value) }
    })
    return json
  }

  const answerJobs =
    (readRecentDays: () => number | null): HttpHandler =>
    async (context) => {
      const recentDays = readRecentDays()
      const json = await keepJson(context.request, ['jobs', recentDays], () => jobsJson(deps, recentDays))
      if (json) await sendJson(context, json)
    }

  const answerJob =
    (withFailed: boolean): HttpHandler =>
    async (context) => {
      const { job = '' } = context.params
      // A form without a chosen platform sends an empty one.
      const platform = context.query.get('platform') || null
      const asked = { job, platform, withFailed }
      const json = await keepJson(context.request, ['job', asked], () => jobJson(deps, asked))
      if (json) await sendJson(context, json)
      else sendText(context.response, 404, `no job ${JSON.stringify(job)}`)
    }

  const answerBuild: HttpHandler = async (context) => {
    const { job = '', uuid = '' } = context.params
    const json = await keepJson(context.request, ['build', job, uuid], () => buildJson(deps, job, uuid))
    if (json) return sendJson(context, json)
    const removed = await removedBuildJson(deps, job, uuid)
    if (removed) await sendJson(context, makeJson(removed), 410)
    else sendText(context.response, 404, `job ${JSON.stringify(job)} has no build ${uuid}`)
  }

  const answers: Record<string, HttpHandler> = {
    '/': answerJobs(() => deps.config.expiredJobsDays || null),
    '/all-builds': answerJobs(() => null),
    '/job/:job': answerJob(false),
    '/job/:job/failed': answerJob(true),
    '/job/:job/build/:uuid': answerBuild,
    '/compare/:left/:right': answerCompare(deps),
  }
  return (path: string, { headers }: IncomingMessage): HttpHandler | null =>
    (prefersJson(headers.accept) && answers[path]) || null
}
