import type { Deps } from '../deps.ts'
import type { HttpRoute } from '../http.ts'
import { answerUpload } from './answer-upload.http.ts'
import { receiveBuild } from './receive-build.ts'
import { requestBody } from '../request-body.ts'

/** `POST /upload`: a build record as the raw body. Source: builder-server, which sends it. */
export function uploadRoutes(deps: Deps): HttpRoute[] {
  return [
    {
      methods: ['POST'],
      path: '/upload',
      needs: 'none',
      handle: answerUpload(deps, (user, { request }, named, actor) =>
        receiveBuild(deps, user, requestBody(request), named, actor),
      ),
    },
  ]
}
