import { answerMissing } from '../artifacts/download.http.ts'
import { MissingDownloadError } from '../artifacts/find-download.ts'
import type { Deps } from '../deps.ts'
import { publicPemWithNull } from '../formats/signing/keys.ts'
import { sendRedirect, sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { artifactPath, consolePath } from '../paths.ts'
import { isCurrent, listKeys, publicKeyOf } from '../signing/list-keys.ts'
import { siteKeys } from '../signing/site-keys.ts'
import { siteUrl } from '../site-url.ts'
import {
  component,
  findPackagedBuild,
  findPackagedBuilds,
  splitPlatform,
  type PackagedBuild,
} from './find-packages.ts'
import { linkMaker, packageFileName, type LinkDigests } from './package-link.ts'

type RouteDeps = Pick<Deps, 'blobs' | 'clock' | 'config' | 'db' | 'writer'>
type Context = Parameters<HttpHandler>[0]

const defaultLimit = 1_000

const statuses: Record<string, 'GOOD' | 'BAD' | 'UNKWN'> = { REPRODUCED: 'GOOD', NOT_REPRODUCIBLE: 'BAD' }
const statusOf = ({ verdict }: PackagedBuild) => statuses[verdict] ?? 'UNKWN'

/**
 * The part of rebuilderd's API that clients read votes from, such as repro-threshold, and the address that Debian's apt-transport-in-toto asks.
 * A link is served for what was reproduced, and nothing else: its readers count it as a vote for the file.
 * Source: kpcyrd/rebuilderd 335119d, contrib/docs/rebuilderd-v1.yml.
 */
export function rebuilderdRoutes(deps: RouteDeps): HttpRoute[] {
  const { clock, config, db } = deps
  const makeLink = linkMaker(deps)

  const attestKey = async () => {
    const keys = await siteKeys(deps, clock.now())
    if (!keys) throw new MissingDownloadError('the site signs nothing')
    return keys.ATTEST.privateKey
  }

  const sendLink = async (
    context: Context,
    name: string,
    packages: readonly PackagedBuild[],
    digests: LinkDigests,
  ) => {
    const link = await makeLink(await attestKey(), name, packages, digests)
    await sendMade(context, makeAnswer('application/json', link))
  }

  const buildOf = async ({ params }: Context): Promise<PackagedBuild> => {
    const id = params['id'] ?? ''
    const found = /^[1-9]\d{0,8}$/.test(id) ? await findPackagedBuild(db, Number(id)) : null
    if (!found) throw new MissingDownloadError(`no package was made by a build ${id}`)
    const { artifact } = params
    if (artifact !== undefined && artifact !== String(found.artifactId))
      throw new MissingDownloadError(`the build ${id} has no package ${artifact}`)
    return found
  }

  const describe = (build: PackagedBuild, context: Context) => {
    const url = siteUrl(context.request, config) + artifactPath(build.job, build.uuid, build.path)
    const { name, version, architecture, platform } = build
    const { distribution, release } = splitPlatform(platform)
    return { name, version, distribution, release, component, architecture, url, status: statusOf(build) }
  }

  const sendJson = (context: Context, value: object) =>
    sendMade(context, makeAnswer('application/json', JSON.stringify(value)))

  const routes: Record<string, HttpHandler> = {
    '/api/v1/meta/public-keys': async (context) => {
      const keys = (await listKeys(db, 'ATTEST')).filter(isCurrent)
      await sendJson(context, { current: keys.map((key) => publicPemWithNull(publicKeyOf(key))) })
    },
    '/api/v1/packages/binary': async (context) => {
      const { query } = context
      const of = (name: string) => query.get(name) ?? undefined
      const found = await findPackagedBuilds(db, {
        ...{ name: of('name'), version: of('version'), architecture: of('architecture') },
        ...{ distribution: of('distribution'), release: of('release'), component: of('component') },
      })
      const bounds = ['limit', 'before', 'after'].map((name) => query.get(name))
      if (bounds.some((text) => text !== null && !/^\d{1,9}$/.test(text)))
        return sendText(context.response, 400, 'limit, before and after have to be whole numbers')
      const [limit, before, after] = bounds.map((text) => (text === null ? null : Number(text)))
      const records = found
        .filter(({ id }) => id < (before ?? Infinity) && id > (after ?? -1))
        .slice(0, Math.min(limit ?? defaultLimit, defaultLimit))
        .map((build) => ({
          ...{ id: build.id, ...describe(build, context), build_id: build.id, artifact_id: build.artifactId },
          diffoscope_log_id: null,
          attestation_log_id: statusOf(build) === 'GOOD' ? build.artifactId : null,
          ...{ last_seen: build.receivedAt, seen_in_last_sync: true },
        }))
      await sendJson(context, { total: found.length, records })
    },
    '/api/v1/builds/:id': async (context) => {
      const build = await buildOf(context)
      const { name, version, distribution, release, architecture } = describe(build, context)
      await sendJson(context, {
        ...{ id: build.id, name, version, distribution, release, component, architecture },
        ...{ backend: 'orb', retries: 0, status: statusOf(build) },
        ...{ started_at: build.startedAt, built_at: build.finishedAt },
      })
    },
    '/api/v1/builds/:id/artifacts': async (context) =>
      sendJson(context, [artifactOf(await buildOf(context), context)]),
    '/api/v1/builds/:id/artifacts/:artifact': async (context) =>
      sendJson(context, artifactOf(await buildOf(context), context)),
    '/api/v1/builds/:id/log': async (context) => {
      const { job, uuid } = await buildOf(context)
      sendRedirect(context.response, 302, consolePath(job, uuid))
    },
    '/api/v1/builds/:id/artifacts/:artifact/attestation': async (context) => {
      const build = await buildOf(context)
      if (statusOf(build) !== 'GOOD')
        throw new MissingDownloadError(`nobody has reproduced build ${build.id}`)
      const digests = context.query.get('digest') === 'sha256' ? 'sha256' : 'both'
      await sendLink(context, `rebuild ${packageFileName(build)}`, [build], digests)
    },
    '/sources/:name/:version/metadata': async (context) => {
      const { name = '', version = '' } = context.params
      // apt writes the colon of an epoch so in the names of its cache.
      const asked = { name, version: version.replaceAll('%3a', ':') }
      const found = (await findPackagedBuilds(db, asked)).filter((build) => statusOf(build) === 'GOOD')
      if (found.length === 0) throw new MissingDownloadError(`nobody has reproduced ${name} ${version}`)
      await sendLink(context, 'rebuild', found, context.query.get('digest') === 'both' ? 'both' : 'sha256')
    },
  }

  const artifactOf = (build: PackagedBuild, context: Context) => {
    const { name, version, architecture, url, status } = describe(build, context)
    const flags = { has_diffoscope: false, has_attestation: status === 'GOOD' }
    return { id: build.artifactId, name, version, architecture, url, status, ...flags }
  }

  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerMissing(handle),
  }))
}
