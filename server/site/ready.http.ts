import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'

/** `GET /ready`: 200 once requests are served and the database answers. */
export function readyRoute({ db }: Pick<Deps, 'db'>): HttpRoute {
  return {
    methods: ['GET', 'HEAD'],
    path: '/ready',
    async handle({ response }) {
      await db.$queryRaw`SELECT 1`
      sendText(response, 200, 'ready', { 'Cache-Control': 'no-store' })
    },
  }
}
