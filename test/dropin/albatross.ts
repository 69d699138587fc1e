import { request as httpRequest, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A build as albatross names it: what it takes apart from a `Location`. */
export type NamedBuild = { job: string; uuid: string }

type Answer = { status: number; location: string | undefined; body: Buffer }

/**
 * A client that asks as albatross does, and understands no more: it follows no redirect, and takes a
 * build out of a `Location` that is a path, `/job/<job>/build/<uuid>`. Source: robur-coop/albatross,
 * `albatross-client update` and its http client.
 */
export function albatross(url: string) {
  const { hostname, port } = new URL(url)

  function get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ hostname, port, path, headers, agent: false })
      request.on('error', reject)
      request.on('response', (response: IncomingMessage) => {
        const { statusCode: status = 0 } = response
        const { location } = response.headers
        buffer(response).then((body) => resolve({ status, location, body }), reject)
      })
      request.end()
    })
  }

  async function findBuild(path: string): Promise<NamedBuild | null> {
    const { status, location = '' } = await get(path)
    if (status === 404) return null
    if (status < 300 || status > 399) throw new Error(`${path} answered ${status}`)
    const [empty, jobWord, job = '', buildWord, uuid = '', ...rest] = location.split('/')
    const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)
    if (empty !== '' || jobWord !== 'job' || buildWord !== 'build' || !isUuid || rest.length > 0) {
      throw new Error(`bad location ${JSON.stringify(location)}`)
    }
    return { job, uuid }
  }

  return {
    /** The build that a running unikernel came from, by the hash of its image. */
    findByHash: (sha256: string) => findBuild(`/hash?sha256=${sha256}`),

    /** The newest build of the same job. */
    findLatest: ({ job }: NamedBuild) => findBuild(`/job/${job}/build/latest`),

    /** What changed from one build to another, as builder-web's JSON. */
    async compare(left: NamedBuild, right: NamedBuild): Promise<unknown> {
      const { status, body } = await get(`/compare/${left.uuid}/${right.uuid}`, {
        Accept: 'application/json',
      })
      if (status !== 200) throw new Error(`the comparison answered ${status}`)
      return JSON.parse(body.toString())
    },

    /** The image of a build: a redirect to where it lies, which is taken by hand. */
    async download({ job, uuid }: NamedBuild): Promise<Buffer> {
      const redirect = await get(`/job/${job}/build/${uuid}/main-binary`)
      if (redirect.status !== 302 || !redirect.location?.startsWith('/')) {
        throw new Error(`main-binary answered ${redirect.status} ${redirect.location}`)
      }
      const { status, body } = await get(redirect.location)
      if (status !== 200) throw new Error(`the main binary answered ${status}`)
      return body
    },
  }
}
