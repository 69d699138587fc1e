import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pack } from 'tar-stream'
import { answerMissing } from '../artifacts/download.http.ts'
import { findBuild, MissingDownloadError } from '../artifacts/find-download.ts'
import { sendFile } from '../artifacts/send-file.ts'
import { compareBytes } from '../compare-bytes.ts'
import type { Deps } from '../deps.ts'
import { inTotoKeyId, inTotoPublicKey } from '../formats/signing/in-toto-key.ts'
import { publicHalf } from '../formats/signing/keys.ts'
import { layoutOf, linkOf, printMetadata, signMetadata } from '../formats/signing/link.ts'
import { signMinisign } from '../formats/signing/minisign.ts'
import { signSsh } from '../formats/signing/sshsig.ts'
import type { HttpHandler, HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import { sshNamespace } from '../signing/list-keys.ts'
import { siteKeys } from '../signing/site-keys.ts'
import { printChecksums } from './print-checksums.ts'

type RouteDeps = Pick<Deps, 'clock' | 'config' | 'db' | 'writer'>

const compress = promisify(gzip)

/** How long clients accept a layout: statements of builds do not grow old. */
const layoutYears = 30

/** The checksums of a build's files, and signatures of them for programs that people have already. */
export function checksumRoutes(deps: RouteDeps): HttpRoute[] {
  const { clock, db } = deps

  const checksumsOf = async ({ job = '', uuid = '' }: Record<string, string | undefined>) => {
    const build = await findBuild(deps, job, uuid)
    const artifacts = await db.artifact.findMany({
      where: { buildId: build.id },
      select: { path: true, sha256: true },
    })
    const files = artifacts.toSorted((a, b) => compareBytes(a.path, b.path))
    return { build, text: printChecksums(files) }
  }

  const attestKey = async () => {
    const keys = await siteKeys(deps, clock.now())
    if (!keys) throw new MissingDownloadError('the site signs nothing')
    return keys.ATTEST.privateKey
  }

  const routes: Record<string, HttpHandler> = {
    SHA256SUMS: async (context) => {
      const { text } = await checksumsOf(context.params)
      await sendMade(context, makeAnswer('text/plain', text))
    },
    'SHA256SUMS.minisig': async (context) => {
      const { build, text } = await checksumsOf(context.params)
      const seconds = Math.floor(build.finishedAt.getTime() / 1_000)
      const comment = `timestamp:${seconds}\tfile:SHA256SUMS\thashed`
      const signature = signMinisign(await attestKey(), Buffer.from(text), comment)
      await sendMade(context, makeAnswer('text/plain', signature))
    },
    'SHA256SUMS.sshsig': async (context) => {
      const { text } = await checksumsOf(context.params)
      const signature = signSsh(await attestKey(), Buffer.from(text), sshNamespace)
      await sendMade(context, makeAnswer('text/plain', signature))
    },
    'in-toto.tar.gz': async (context) => {
      const { job = '', uuid = '' } = context.params
      const build = await findBuild(deps, job, uuid)
      const facts = await db.build.findUniqueOrThrow({
        where: { id: build.id },
        select: { verdict: true, mainBinaryPath: true, mainBinarySha256: true },
      })
      if (facts.verdict !== 'REPRODUCED' || facts.mainBinaryPath === null || facts.mainBinarySha256 === null)
        throw new MissingDownloadError(`nobody has reproduced build ${build.uuid}, so that there is no link`)
      const key = await attestKey()
      const file = facts.mainBinaryPath.split('/').at(-1) ?? facts.mainBinaryPath
      const expires = new Date(build.finishedAt)
      expires.setUTCFullYear(expires.getUTCFullYear() + layoutYears)
      const content = await layoutArchive(key, {
        ...{ file, sha256: facts.mainBinarySha256 },
        expires: `${expires.toISOString().slice(0, 19)}Z`,
      })
      await sendFile(context, {
        ...{ name: 'in-toto.tar.gz', mediaType: 'application/gzip', isChanging: true },
        ...{ etag: `"${facts.mainBinarySha256}.${inTotoKeyId(key)}"`, modifiedAt: build.finishedAt },
        sizeBytes: content.length,
        open: (range) => [Readable.from([range ? content.subarray(range.start, range.end) : content])],
      })
    },
  }
  return Object.entries(routes).map(([name, handle]) => ({
    methods: ['GET', 'HEAD'],
    path: `/job/:job/build/:uuid/${name}`,
    handle: answerMissing(handle),
  }))
}

/** What in-toto-verify needs to check a file: a layout, the link of each attester, and the key of the layout. The same bytes each time. */
async function layoutArchive(
  key: Parameters<typeof inTotoKeyId>[0],
  { file, sha256, expires }: { file: string; sha256: string; expires: string },
): Promise<Buffer> {
  const keys = [publicHalf(key)]
  const layout = layoutOf({ file, expires, threshold: keys.length, keys })
  const link = linkOf({ name: 'rebuild', materials: {}, products: { [file]: { sha256 } } })
  const archive = pack()
  const entries = {
    'root.layout': printMetadata(signMetadata([key], layout)),
    [`rebuild.${inTotoKeyId(key).slice(0, 8)}.link`]: printMetadata(signMetadata([key], link)),
    'hub.pub': JSON.stringify(inTotoPublicKey(key)),
  }
  for (const [name, text] of Object.entries(entries)) archive.entry({ name, mtime: new Date(0) }, text)
  archive.finalize()
  return compress(await buffer(archive))
}
