import { randomUUID } from 'node:crypto'
import type { Deps } from '../deps.ts'
import { RecordTooLargeError } from '../errors.ts'
import {
  checkJobName,
  checkPlatformName,
  maxPathBytes,
  normalizeArtifactPath,
  UnsafeNameError,
} from '../formats/exec-names.ts'
import type { ExecFacts } from '../formats/exec-record.ts'
import type { HttpRoute } from '../http.ts'
import { answerUpload } from '../uploads/answer-upload.http.ts'
import { receiveParts } from '../uploads/receive-build.ts'
import { requestBody } from '../uploads/request-body.ts'
import { isKeptAsArtifact } from '../uploads/staged-upload.ts'

/** What builder-web gives such builds as their script. */
const script = Buffer.from('# This artifact was manually built\n')

/**
 * `POST /job/:job/platform/:platform/upload[?binary_name=]`: a bare binary as a build made by hand, now.
 * Source: docs/spec/drop-in.md, "URLs"; builder-web, Builder_web.upload_binary.
 */
export function binaryUploadRoute(deps: Deps): HttpRoute {
  return {
    methods: ['POST'],
    path: '/job/:job/platform/:platform/upload',
    handle: answerUpload(deps, async (user, { request, params, query }) => {
      const job = checkNamed('job name', params['job'], checkJobName)
      const platform = checkNamed('platform name', params['platform'], checkPlatformName)
      const name = checkNamed('binary name', query.get('binary_name') ?? `${job}.bin`, checkBinaryName)
      const now = new Date()
      const facts: ExecFacts = {
        job,
        platform,
        uuid: randomUUID(),
        startedAt: now,
        finishedAt: now,
        result: { kind: 'exited', code: 0n },
      }
      const binary = limited(requestBody(request), deps.config.uploadMaxBytes)
      return receiveParts(deps, user, async (parts) => {
        await parts.job(job)
        await parts.script(once(script))
        await parts.artifact(`bin/${name}`, binary)
        return facts
      })
    }),
  }
}

/** One segment of a path, of a file that is kept as an artifact. Throws UnsafeNameError. */
function checkBinaryName(name: string): string {
  const isSegment = !['', '.', '..'].includes(name) && !name.includes('/')
  if (!isSegment || !isKeptAsArtifact(name))
    throw new UnsafeNameError(`${JSON.stringify(name)} is no name of a binary`)
  // What is no UTF-8 in the address arrives as U+FFFD: the name would not be the one that was sent.
  if (name.includes('\ufffd')) throw new UnsafeNameError(`${JSON.stringify(name)} is not valid UTF-8`)
  if (Buffer.byteLength(`bin/${name}`) > maxPathBytes)
    throw new UnsafeNameError(`is too long: a path has at most ${maxPathBytes} bytes of UTF-8`)
  return normalizeArtifactPath(name)
}

/** Throws UnsafeNameError, whose message says what is wrong with which name. */
function checkNamed(what: string, name = '', check: (name: string) => string): string {
  try {
    return check(name)
  } catch (error) {
    throw error instanceof UnsafeNameError ? new UnsafeNameError(`${what} ${error.reason}`) : error
  }
}

async function* once(bytes: Uint8Array) {
  yield bytes
}

/** A body may come without a length. Throws RecordTooLargeError. */
async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number) {
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.length
    if (bytes > maxBytes) {
      throw new RecordTooLargeError(`the binary has more than the ${maxBytes} bytes that the operator allows`)
    }
    yield chunk
  }
}
