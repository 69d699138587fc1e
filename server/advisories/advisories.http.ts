import { answerMissing } from '../artifacts/download.http.ts'
import type { Deps } from '../deps.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { makeAnswer, sendMade, type MadeAnswer } from '../made-answer.ts'
import { siteUrl } from '../site-url.ts'
import { untilChange } from '../until-change.ts'
import { advisoryFeed } from './advisory-feed.ts'
import { listAdvisories } from './list-advisories.ts'

/** The feed of known issues. */
export function advisoryRoutes(deps: Pick<Deps, 'changes' | 'config' | 'db'>): HttpRoute[] {
  const { changes, config, db } = deps
  const keepFeed = untilChange<MadeAnswer>(changes, 10)
  const routes: Record<string, HttpHandler> = {
    '/advisories.atom': async (context) => {
      const site = siteUrl(context.request, config)
      const feed = await keepFeed(context.request, site, async () => {
        const found = (await listAdvisories(db)).filter(({ affected }) => affected.length > 0)
        return makeAnswer('application/atom+xml', advisoryFeed(site, found))
      })
      await sendMade(context, feed, { 'Access-Control-Allow-Origin': '*' })
    },
  }
  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerMissing(handle),
  }))
}
