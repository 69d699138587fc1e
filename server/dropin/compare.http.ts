import type { Deps } from '../deps.ts'
import { findComparedBuilds } from '../diffs/compared-build.ts'
import { diffBuilds } from '../diffs/diff-builds.ts'
import { sendText, type HttpHandler } from '../http.ts'
import { compareJson } from './compare-json.ts'
import { makeJson, sendJson } from './send-json.ts'

/** `GET /compare/:left/:right` for builder-web's clients. */
export function answerCompare(deps: Pick<Deps, 'db' | 'blobs' | 'workers'>): HttpHandler {
  return async ({ request, response, params }) => {
    const [left = '', right = ''] = [params['left'], params['right']].map((uuid) => uuid?.toLowerCase())
    const found = await findComparedBuilds(deps, [left, right])
    const [leftBuild, rightBuild] = [found.get(left), found.get(right)]
    if (!leftBuild || !rightBuild) {
      sendText(response, 404, `no build ${JSON.stringify(leftBuild ? right : left)}`)
      return
    }
    await sendJson(
      { request, response },
      makeJson(compareJson(await diffBuilds(deps, leftBuild, rightBuild))),
    )
  }
}
