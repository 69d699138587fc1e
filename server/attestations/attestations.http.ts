import { answerMissing } from '../artifacts/download.http.ts'
import { findArtifact, findBuild, MissingDownloadError } from '../artifacts/find-download.ts'
import { sendBlob } from '../artifacts/send-blob.ts'
import type { Deps } from '../deps.ts'
import { parseEnvelope } from '../formats/signing/dsse.ts'
import { decodeBase64 } from '../formats/signing/base64.ts'
import { printBundle } from '../formats/signing/sigstore-bundle.ts'
import { predicateTypes } from '../formats/signing/statement.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { makeAnswer, sendMade } from '../made-answer.ts'
import {
  listOfArtifact,
  listOfBuild,
  listOfContent,
  readEnvelope,
  type StoredEnvelope,
} from './list-attestations.ts'
import { builderText, buildTypeText } from './explanations.ts'
import { sitePolicy } from '../policy/site-policy.ts'
import { buildTypePaths, policyPath, policyText, sitePolicyPath } from './stated-urls.ts'

type RouteDeps = Pick<Deps, 'blobs' | 'config' | 'db'>

/** The media type of an envelope says what kind of statement is in it. Source: in-toto attestation, spec/v1/envelope.md. */
const mediaTypes: Record<string, string> = {
  [predicateTypes.provenance]: 'application/vnd.in-toto.provenance+dsse',
  [predicateTypes.testResult]: 'application/vnd.in-toto.test-result+dsse',
  [predicateTypes.verificationSummary]: 'application/vnd.in-toto.vsa+dsse',
}

/** Statements of the site, as it has signed them, and the texts that they refer to. */
export function attestationRoutes(deps: RouteDeps): HttpRoute[] {
  const { config, db } = deps

  const sendLines = async (context: Parameters<HttpHandler>[0], found: readonly StoredEnvelope[]) => {
    const lines: string[] = []
    for (const envelope of found) lines.push(`${await readEnvelope(deps, envelope)}\n`)
    await sendMade(context, makeAnswer('application/vnd.in-toto.bundle', lines.join('')))
  }

  const findStatement = async (uuid: string) => {
    const found = await db.attestation.findUnique({
      where: { uuid: uuid.toLowerCase() },
      select: {
        ...{ uuid: true, predicateType: true, envelopeSha256: true, envelopeSizeBytes: true },
        ...{ bundleSignature: true, bundleKeySha256: true, statedAt: true },
      },
    })
    if (!found) throw new MissingDownloadError(`the site has made no statement ${uuid}`)
    return found
  }

  const routes: Record<string, HttpHandler> = {
    '/job/:job/build/:uuid/attestations': async (context) => {
      const { job = '', uuid = '' } = context.params
      const build = await findBuild(deps, job, uuid)
      await sendLines(context, await listOfBuild(db, build.id))
    },
    '/job/:job/build/:uuid/attestations/*': async (context) => {
      const { job = '', uuid = '', '*': path = '' } = context.params
      const [build, artifact] = [await findBuild(deps, job, uuid), await findArtifact(deps, job, uuid, path)]
      await sendLines(context, await listOfArtifact(db, build.id, artifact.path))
    },
    '/hash/:sha256/attestations': async (context) => {
      const sha256 = context.params['sha256']?.toLowerCase() ?? ''
      if (!/^[0-9a-f]{64}$/.test(sha256))
        return sendText(context.response, 400, 'the SHA-256 has to be 64 hex digits')
      await sendLines(context, await listOfContent(db, sha256))
    },
    '/attestation/:uuid': async (context) => {
      const found = await findStatement(context.params['uuid'] ?? '')
      await sendBlob(context, deps, {
        ...{ sha256: found.envelopeSha256, sizeBytes: found.envelopeSizeBytes, name: `${found.uuid}.json` },
        mediaType: mediaTypes[found.predicateType] ?? 'application/json',
        modifiedAt: found.statedAt,
      })
    },
    '/attestation/:uuid/bundle': async (context) => {
      const found = await findStatement(context.params['uuid'] ?? '')
      const { bundleSignature, bundleKeySha256 } = found
      if (bundleSignature === null || bundleKeySha256 === null)
        throw new MissingDownloadError(`the statement ${found.uuid} is in no Sigstore bundle`)
      const { payloadType, body } = parseEnvelope(Buffer.from(await readEnvelope(deps, found)))
      const sig = decodeBase64(bundleSignature, 'signature', 'it')
      const bundle = printBundle({ payloadType, body, signatures: [{ keyid: bundleKeySha256, sig }] })
      await sendMade(context, makeAnswer('application/vnd.dev.sigstore.bundle.v0.3+json', bundle))
    },
    '/builders/:label': (context) =>
      sendMade(context, makeAnswer('text/plain', builderText(context.params['label'] ?? ''))),
    [buildTypePaths.orb]: (context) => sendMade(context, makeAnswer('text/plain', buildTypeText('orb'))),
    [buildTypePaths.script]: (context) =>
      sendMade(context, makeAnswer('text/plain', buildTypeText('script'))),
    [sitePolicyPath]: (context) => {
      const policy = sitePolicy(config)
      if (!policy) throw new MissingDownloadError('this site has no policy')
      return sendMade(context, makeAnswer('application/json', policy.text))
    },
    [policyPath]: (context) => sendMade(context, makeAnswer('text/plain', policyText)),
  }
  return Object.entries(routes).map(([path, handle]) => ({
    methods: ['GET', 'HEAD'],
    path,
    handle: answerMissing(handle),
  }))
}
