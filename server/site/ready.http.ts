import type { Deps } from '../deps.ts'
import { sendText, type HttpRoute } from '../http.ts'
import { checkInTime, readinessChecks } from './readiness.ts'

/** `GET /ready`: 200 once requests are served, the database answers and uploads can be written; else 503. */
export function readyRoute(deps: Pick<Deps, 'config' | 'db' | 'drain' | 'log' | 'storedBlobs'>): HttpRoute {
  return {
    methods: ['GET', 'HEAD'],
    path: '/ready',
    needs: 'none',
    async handle({ response }) {
      for (const { problem, check } of readinessChecks(deps)) {
        try {
          await checkInTime(check)
        } catch (error) {
          deps.log.error({ err: error }, problem)
          sendText(response, 503, `not ready: ${problem}`, {
            'Cache-Control': 'no-store',
            'Retry-After': '10',
          })
          return
        }
      }
      sendText(response, 200, 'ready', { 'Cache-Control': 'no-store' })
    },
  }
}
