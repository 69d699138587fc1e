import { MissingDownloadError } from '../artifacts/find-download.ts'
import type { Deps } from '../deps.ts'
import { printEnvelope, statementPayloadType } from '../formats/signing/dsse.ts'
import { signEnvelope } from '../formats/signing/keys.ts'
import { printStatement } from '../formats/signing/statement.ts'
import { makeAnswer, type MadeAnswer } from '../made-answer.ts'
import { siteKeys } from '../signing/site-keys.ts'
import { findStatedBuild, subjectsOf } from './build-facts.ts'

/** A document about a build, with the kind of statement that it is, and its name in media types. */
export type SignableDocument = { predicateType: string; mediaName: string; predicate: object }

/**
 * An envelope in which the site states a document about the outputs of a build. It is signed when it is asked for: equal documents give equal
 * envelopes until the key is rotated. Throws MissingDownloadError if the site signs nothing, or the build has no output.
 */
export async function signDocument(
  deps: Pick<Deps, 'clock' | 'config' | 'db' | 'writer'>,
  uuid: string,
  { predicateType, mediaName, predicate }: SignableDocument,
): Promise<MadeAnswer> {
  const [keys, build] = [await siteKeys(deps, deps.clock.now()), await findStatedBuild(deps.db, uuid)]
  if (!keys) throw new MissingDownloadError('the site signs nothing')
  if (!build) throw new MissingDownloadError(`build ${uuid} has no output that a statement could be about`)
  const body = printStatement({ subject: subjectsOf(build), predicateType, predicate })
  const envelope = signEnvelope(keys.ATTEST.privateKey, statementPayloadType, body)
  return makeAnswer(`application/vnd.in-toto.${mediaName}+dsse`, printEnvelope(envelope))
}
