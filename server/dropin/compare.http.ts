import type { Deps } from '../deps.ts'
import { findComparedBuilds } from '../diffs/compared-build.ts'
import { diffBuilds } from '../diffs/diff-builds.ts'
import { oneComparison } from '../diffs/one-comparison.ts'
import { sendText, type HttpHandler } from '../http.ts'
import { explainRemoval, findRemovedBuild } from '../retention/removed-build.ts'
import { clientAddress } from '../users/credentials.ts'
import { WorkersBusyError } from '../workers/worker-pool.ts'
import { compareJson } from './compare-json.ts'
import { makeJson, sendJson } from './send-json.ts'

/** Comparisons that may wait for each other, of one address. */
const maxWaiting = 20

/** `GET /compare/:left/:right` for builder-web's clients. */
export function answerCompare(deps: Pick<Deps, 'config' | 'db' | 'blobs' | 'log' | 'workers'>): HttpHandler {
  return async ({ request, response, params }) => {
    const [left = '', right = ''] = [params['left'], params['right']].map((uuid) => uuid?.toLowerCase())
    const found = await findComparedBuilds(deps, [left, right])
    const [leftBuild, rightBuild] = [found.get(left), found.get(right)]
    if (!leftBuild || !rightBuild) {
      const missing = leftBuild ? right : left
      const removed = await findRemovedBuild(deps.db, missing)
      if (removed) sendText(response, 410, await explainRemoval(deps.db, removed))
      else sendText(response, 404, `no build ${JSON.stringify(missing)}`)
      return
    }
    const address = clientAddress(request, deps.config.trustedProxies)
    const turn = oneComparison({ address, workers: deps.workers })
    if (turn.pendingCount >= maxWaiting)
      throw new WorkersBusyError(`${maxWaiting} comparisons of this address wait already: try again later`)
    const diff = await turn(() => diffBuilds(deps, leftBuild, rightBuild))
    await sendJson({ request, response }, makeJson(compareJson(diff)))
  }
}
