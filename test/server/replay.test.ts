import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { Constructed, fromBER, type BaseBlock, type Utf8String } from 'asn1js'
import { describe, expect, test } from 'vitest'
import { doors, send } from '../durability/doors.ts'
import { startWatched } from '../durability/server.ts'
import { expectBlobsSound, filesBelow, readBuild, sha256 } from '../durability/stored.ts'
import { corpusPath, hasCorpus } from '../corpus.ts'
import { byServer } from '../../server/audit/actor.ts'
import { addUser } from '../../server/users/add-user.ts'

/** What builder's own decoder says of a request's body. Console newest first; text, or bytes that are no UTF-8. */
type Text = string | { base64: string }
type Told = {
  job: { name: string; platform: string; script: string }
  uuid: string
  console: [deltaNs: number, text: Text][]
  started: string
  result: { kind: string; code: number }
  output: { path_normalized: string; size: number; sha256: string }[]
}

const isKept = (path: string) => !/(^|\/)README\.md$|\.build-hashes$/.test(path)
const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1)
const bytesOfText = (value: Text) =>
  typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.base64, 'base64')

/** The console as it is downloaded. */
function consoleOf(entries: Told['console']): Buffer {
  return Buffer.concat(
    entries
      .toReversed()
      .flatMap(([deltaNs, line]) => [
        Buffer.from(`${(deltaNs / 1e9).toFixed(3)}s:`),
        bytesOfText(line),
        Buffer.from('\n'),
      ]),
  )
}

/** Send bytes on a connection of their own; gives all that came until the server closed it. */
function exchange(url: string, bytes: Uint8Array): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.write(bytes)
  return text(socket)
}

function childrenOf(block: BaseBlock | undefined): BaseBlock[] {
  if (!(block instanceof Constructed)) throw new Error('a record has another shape than expected')
  return block.valueBlock.value
}

const contentOf = (block: BaseBlock | undefined) => Buffer.from((block as Utf8String).valueBlock.valueHexView)

/** Read a record with asn1js alone, all of it in memory. Field numbers are those of `ExecV0`. */
function readIndependently(der: Uint8Array) {
  // A console has more lines than asn1js reads nodes unasked.
  const { result, offset } = fromBER(der, { maxNodes: 1_000_000 })
  expect(offset).toBe(der.length)
  const [job, uuid, , , , output] = childrenOf(childrenOf(result)[0])
  const [name, script] = childrenOf(job)
  const artifacts = childrenOf(output).map((one) => {
    const [path, data] = childrenOf(one)
    const bytes = contentOf(data)
    const hash = sha256(bytes)
    return {
      path: contentOf(path).toString().replace(/^\.\//, ''),
      sizeBytes: bytes.length,
      sha256: hash,
      downloaded: hash,
    }
  })
  return {
    job: contentOf(name).toString(),
    uuid: contentOf(uuid)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
    script: sha256(contentOf(script)),
    artifacts: artifacts.filter(({ path }) => isKept(path)).toSorted(byPath),
  }
}

const numbers = ['1', '2', '3', '4'] as const

describe.skipIf(!hasCorpus)('with the corpus', () => {
  test.each(numbers)(
    "builder-server's request %s, byte for byte, is stored as its decoder tells",
    async (number) => {
      const server = await startWatched()
      const request = readFileSync(corpusPath(`http/upload/request-${number}.bin`))
      const credentials = /^authorization: Basic (\S+)/m.exec(request.toString('latin1'))?.[1] ?? ''
      const [name = '', password = ''] = Buffer.from(credentials, 'base64').toString().split(/:(.*)/s)
      await addUser(server.deps.writer, byServer(), { name, password, unrestricted: true })

      const answer = await exchange(server.url, request)
      expect(answer).toMatch(/^HTTP\/1\.1 201 /)

      const verdict = JSON.parse(readFileSync(corpusPath(`http/upload/request-${number}.json`), 'utf8')) as {
        value: Told
      }
      const { value } = verdict
      const artifacts = value.output
        .map(({ path_normalized: path, size, sha256 }) => ({
          path,
          sizeBytes: size,
          sha256,
          downloaded: sha256,
        }))
        .filter(({ path }) => isKept(path))
        .toSorted(byPath)
      const binaries = artifacts.filter(({ path }) => path.startsWith('bin/'))
      expect(await readBuild(server.url, value.uuid)).toEqual({
        job: value.job.name,
        platform: value.job.platform,
        status: value.result.kind === 'exited' && value.result.code === 0 ? 'SUCCEEDED' : 'FAILED',
        // Twelve digits of a second; JavaScript has three.
        startedAt: `${value.started.slice(0, 23)}Z`,
        mainBinary: binaries.length === 1 ? binaries[0]?.path : null,
        console: { lines: value.console.length, sha256: sha256(consoleOf(value.console)) },
        script: sha256(Buffer.from(value.job.script)),
        artifacts,
      })
      expect(server.errors).toEqual([])
    },
  )

  test.each(doors)(
    'every record of the corpus is stored by $name, with the bytes that asn1js finds',
    async (door) => {
      const server = await startWatched()
      const files = [
        ...readdirSync(corpusPath('exec')).map((name) => corpusPath('exec', name)),
        ...readdirSync(corpusPath('web/full')).map((name) => corpusPath('web/full', name)),
        ...readdirSync(corpusPath('http/fallback')).map((name) => corpusPath('http/fallback', name)),
      ]
      const seen = new Set<string>()
      for (const path of files) {
        const der = readFileSync(path)
        const { uuid, ...expected } = readIndependently(der)
        const { verdict } = await send(door, server.url, der)
        // Some builds were sent twice, to see that the second is refused.
        expect(verdict, path).toBe(seen.has(uuid) ? 'exists' : 'stored')
        if (!seen.has(uuid)) expect(await readBuild(server.url, uuid), path).toMatchObject(expected)
        seen.add(uuid)
      }
      expect(seen.size).toBeGreaterThan(30)
      await expect.poll(() => filesBelow(server.config.stagingDir)).toEqual([])
      expectBlobsSound(server.config.blobDir)
      expect(server.errors).toEqual([])
    },
  )

  test.skipIf(!hasOpenssl())('asn1js and OpenSSL agree where the artifacts of a record begin', () => {
    const path = corpusPath('exec/unipi-202608.exec')
    expect(existsSync(path)).toBe(true)
    const der = readFileSync(path)
    const listing = execFileSync('openssl', ['asn1parse', '-inform', 'DER', '-in', path], {
      encoding: 'latin1',
      maxBuffer: 64 * 1024 ** 2,
    })
    const strings = [...listing.matchAll(/^ *(\d+):d=(\d+) +hl= *(\d+) l= *(\d+) prim: UTF8STRING/gm)].map(
      ([, offset, depth, head, length]) => ({
        depth: Number(depth),
        at: Number(offset) + Number(head),
        length: Number(length),
      }),
    )
    // Depth 4 holds the fields of files; the job's name, script and platform lie at depth 3.
    const hashes = strings
      .filter(({ depth }) => depth === 4)
      .map(({ at, length }) => sha256(der.subarray(at, at + length)))
    for (const { path, sha256: hash } of readIndependently(der).artifacts) {
      expect(hashes.indexOf(hash), path).toBe(hashes.indexOf(sha256(Buffer.from(path))) + 1)
    }
  })
})

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
