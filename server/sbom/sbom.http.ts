import { answerMissing } from '../artifacts/download.http.ts'
import { findBuild, MissingDownloadError } from '../artifacts/find-download.ts'
import { signDocument } from '../attestations/sign-document.ts'
import { statedUrl } from '../attestations/stated-urls.ts'
import type { Deps } from '../deps.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import type { Bill } from './bill.ts'
import { analysedList, findBill, NoBillError } from './find-bill.ts'
import { sbomFormats } from './sbom-formats.ts'

/** What bills of materials, and documents about them, are made from. */
export type BillRouteDeps = Pick<Deps, 'analyses' | 'blobs' | 'clock' | 'config' | 'db' | 'writer'>

/**
 * Bills of materials of builds, as they are and in signed statements. What is known of vendored sources may grow, so that browsers ask again.
 */
export function sbomRoutes(deps: BillRouteDeps): HttpRoute[] {
  return Object.values(sbomFormats).flatMap(({ file, signedFile, mediaType, print, ...kind }) => {
    const plain: HttpHandler = async (context) => {
      const bill = await billOf(deps, context.params)
      await sendMade(context, makeAnswer(mediaType, `${JSON.stringify(print(bill), null, 1)}\n`))
    }
    const signed: HttpHandler = async (context) => {
      const bill = await billOf(deps, context.params)
      await sendMade(context, await signDocument(deps, bill.uuid, { ...kind, predicate: print(bill) }))
    }
    return [routeOf(file, plain), routeOf(signedFile, signed)]
  })
}

const routeOf = (file: string, handle: HttpHandler): HttpRoute => ({
  ...{ methods: ['GET', 'HEAD'], path: `/job/:job/build/:uuid/${file}` },
  handle: answerMissing(handle),
})

/** What a build contains, by the names in the address. Throws MissingDownloadError. */
export async function billOf(
  deps: BillRouteDeps,
  { job = '', uuid = '' }: Record<string, string | undefined>,
): Promise<Bill> {
  const build = await findBuild(deps, job, uuid)
  try {
    const bill = await findBill({ ...deps, site: statedUrl(deps.config) }, build.uuid, analysedList(deps))
    if (!bill) throw new MissingDownloadError(`no build ${uuid}`)
    return bill
  } catch (error) {
    if (error instanceof NoBillError) throw new MissingDownloadError(error.message)
    throw error
  }
}
