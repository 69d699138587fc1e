import { answerMissing } from '../artifacts/download.http.ts'
import { findBuild, MissingDownloadError } from '../artifacts/find-download.ts'
import type { Deps } from '../deps.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { siteUrl } from '../site-url.ts'
import { printScript } from './print-script.ts'
import { findRebuildPlan, type RebuildPlan } from './rebuild-plan.ts'

/** How to build something again: a script for people, and the same for programs. */
export function rebuildRoutes(deps: Pick<Deps, 'blobs' | 'config' | 'db'>): HttpRoute[] {
  const planned =
    (mediaType: string, print: (plan: RebuildPlan) => string): HttpHandler =>
    async (context) => {
      const { job = '', uuid = '' } = context.params
      const build = await findBuild(deps, job, uuid)
      const plan = await findRebuildPlan(deps, build.uuid, siteUrl(context.request, deps.config))
      if (!plan || 'reason' in plan)
        throw new MissingDownloadError(
          `build ${build.uuid} cannot be rebuilt by a script: ${plan?.reason ?? 'it was removed just now'}`,
        )
      await sendMade(context, makeAnswer(mediaType, print(plan)))
    }
  const routes: Record<string, HttpHandler> = {
    'rebuild.sh': planned('text/x-shellscript', printScript),
    'rebuild.json': planned('application/json', (plan) => `${JSON.stringify(plan, null, 2)}\n`),
  }
  return Object.entries(routes).map(([name, handle]) => ({
    methods: ['GET', 'HEAD'],
    path: `/job/:job/build/:uuid/${name}`,
    handle: answerMissing(handle),
  }))
}
