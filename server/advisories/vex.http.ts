import { answerMissing } from '../artifacts/download.http.ts'
import { findBuild } from '../artifacts/find-download.ts'
import { signDocument } from '../attestations/sign-document.ts'
import { statedUrl } from '../attestations/stated-urls.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { billOf, type BillRouteDeps } from '../sbom/sbom.http.ts'
import { findVex } from './find-vex.ts'
import { printCycloneDxVex } from './print-cyclonedx-vex.ts'
import { printOpenVex } from './print-openvex.ts'

/** Documents about the known issues of a build, as they are and in signed statements. They change with what the operator says. */
export function vexRoutes(deps: BillRouteDeps): HttpRoute[] {
  type Params = Parameters<HttpHandler>[0]['params']
  const vexOf = async ({ job = '', uuid = '' }: Params) => {
    const build = await findBuild(deps, job, uuid)
    return { uuid: build.uuid, vex: await findVex(deps.db, build.id, statedUrl(deps.config)) }
  }
  const openVex = async (params: Params) => {
    const { uuid, vex } = await vexOf(params)
    return { uuid, document: printOpenVex(vex) }
  }
  const cycloneDx = async (params: Params) => {
    const [{ uuid, vex }, bill] = [await vexOf(params), await billOf(deps, params)]
    return { uuid, document: printCycloneDxVex(vex, bill) }
  }
  const formats = [
    {
      ...{ name: 'vex', find: openVex, mediaType: 'application/json' },
      kind: { predicateType: 'https://openvex.dev/ns', mediaName: 'openvex' },
    },
    {
      ...{ name: 'vex.cdx', find: cycloneDx, mediaType: 'application/vnd.cyclonedx+json' },
      kind: { predicateType: 'https://cyclonedx.org/bom', mediaName: 'cyclonedx' },
    },
  ]
  return formats.flatMap(({ name, find, mediaType, kind }) => {
    const plain: HttpHandler = async (context) => {
      const { document } = await find(context.params)
      await sendMade(context, makeAnswer(mediaType, `${JSON.stringify(document, null, 1)}\n`))
    }
    const signed: HttpHandler = async (context) => {
      const { uuid, document } = await find(context.params)
      await sendMade(context, await signDocument(deps, uuid, { ...kind, predicate: document }))
    }
    return [routeOf(`${name}.json`, plain), routeOf(`${name}.intoto.json`, signed)]
  })
}

const routeOf = (file: string, handle: HttpHandler): HttpRoute => ({
  ...{ methods: ['GET', 'HEAD'], path: `/job/:job/build/:uuid/${file}` },
  handle: answerMissing(handle),
})
