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
import { requestBody } from '../request-body.ts'
import { isKeptAsArtifact } from '../builds/artifact-roles.ts'

/** Script of such builds, as in builder-web. */
const script = Buffer.from('# This artifact was manually built\n')

/**
 * `POST /job/:job/platform/:platform/upload[?binary_name=]` stores a bare binary as a build that was made by hand
 * at this moment.
 * Source: docs/spec/drop-in.md, "URLs"; builder-web, Builder_web.upload_binary.
 */
export function binaryUploadRoute(deps: Deps): HttpRoute {
  return {
    methods: ['POST'],
    path: '/job/:job/platform/:platform/upload',
    needs: 'none',
    handle: answerUpload(deps, async (user, { request, params, query }, named, actor) => {
      const job = checkNamed('job name', params['job'], checkJobName)
      const platform = checkNamed('platform name', params['platform'], checkPlatformName)
      const name = checkNamed('binary name', query.get('binary_name') ?? `${job}.bin`, checkBinaryName)
      const now = deps.clock.now()
      const facts: ExecFacts = {
        job,
        platform,
        uuid: randomUUID(),
        startedAt: now,
        finishedAt: now,
        result: { kind: 'exited', code: 0n },
      }
      const binary = limited(requestBody(request), deps.config.uploadMaxBytes)
      return receiveParts(
        deps,
        user,
        async (parts) => {
          await parts.job(job)
          await parts.script(once(script))
          await parts.artifact(`bin/${name}`, binary)
          return facts
        },
        { named, actor },
      )
    }),
  }
}

/** Checks the name of an artifact, which is one segment of a path. Throws UnsafeNameError. */
function checkBinaryName(name: string): string {
  const isSegment = !['', '.', '..'].includes(name) && !name.includes('/')
  if (!isSegment || !isKeptAsArtifact(name))
    throw new UnsafeNameError(`${JSON.stringify(name)} is no name of a binary`)
  // Bytes of the URL that are not UTF-8 arrive as U+FFFD, so the name would differ from the sent one.
  if (name.includes('\ufffd')) throw new UnsafeNameError(`${JSON.stringify(name)} is not valid UTF-8`)
  if (Buffer.byteLength(`bin/${name}`) > maxPathBytes)
    throw new UnsafeNameError(`is too long: a path has at most ${maxPathBytes} bytes of UTF-8`)
  return normalizeArtifactPath(name)
}

/** Checks all names. Throws UnsafeNameError, whose message says which name is wrong, and why. */
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

/** Limits a body, which may lack a declared length. Throws RecordTooLargeError. */
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
