import { createHash } from 'node:crypto'
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import contentDisposition from 'content-disposition'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { artifactPath, buildPath, consolePath, scriptPath } from '../../server/paths.ts'
import { minute, openDownloadSite, uuidOf } from './downloads-site.ts'

const site = await openDownloadSite()
afterAll(site.close)
const { addBuild, blobDir, db, failures, hooks, send, writer } = site
const openPlainly = hooks.open

const oddPaths = [
  'semi;colon?&#%41',
  'ünicöde/🐫.txt',
  'latin é.txt',
  'new\nline',
  'with space+plus',
  'quo"te\'s\\back',
  'a:b@c=d,e$f!*()',
  '%2F',
  '...',
]
const text = Buffer.from('0123456789')
const sparseBytes = 5 * 1024 ** 3

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A file of 5 GiB that takes no room on the disk. */
async function addSparseFile() {
  const id = 'ab'.repeat(32)
  await mkdir(join(blobDir, 'ab'), { recursive: true })
  const sparse = await open(join(blobDir, 'ab', id), 'w')
  await sparse.truncate(sparseBytes)
  await sparse.write('the end', sparseBytes - 7)
  await sparse.close()
  await addRow('sparse', id, sparseBytes)
}

/** An artifact of the first build, whatever the store holds. */
async function addRow(path: string, hash: string, sizeBytes: number) {
  const { id: buildId } = await db.build.findUniqueOrThrow({ where: { uuid: uuidOf(1) } })
  await writer.transact([], (tx) =>
    tx.artifact.create({
      data: { buildId, path, sha256: hash, sizeBytes: BigInt(sizeBytes), startedAt: new Date(0) },
    }),
  )
}

const file = (path: string, n = 1, job = 'utop') => artifactPath(job, uuidOf(n), path)

beforeAll(async () => {
  await addBuild({
    n: 1,
    job: 'utop',
    platform: 'debian-12',
    mainBinary: 'bin/utop',
    files: {
      'bin/utop': Buffer.from('utop 1'),
      'digits.txt': text,
      'opam-switch': Buffer.from('opam-version: "2.0"\n'),
      'docs/index.html': Buffer.from('<script>alert(1)</script>'),
      'docs/picture.svg': Buffer.from('<svg/>'),
      'docs/data.xml': Buffer.from('<a/>'),
      empty: Buffer.alloc(0),
      shared: Buffer.from('shared by two builds'),
      ...Object.fromEntries(oddPaths.map((path) => [path, Buffer.from(`content of ${path}`)])),
    },
  })
  await addBuild({
    n: 2,
    job: 'utop',
    platform: 'freebsd-14',
    mainBinary: 'bin/u top?',
    files: { 'bin/u top?': Buffer.from('utop 2'), shared: Buffer.from('shared by two builds') },
  })
  await addBuild({ n: 3, job: 'utop', platform: 'debian-12', files: { log: Buffer.from('failed') } })
  await addBuild({
    n: 4,
    job: 'a job/é',
    platform: 'debian-12',
    mainBinary: 'bin/x',
    files: { 'bin/x': Buffer.from('x') },
  })
  await addBuild({ n: 5, job: 'failing', platform: 'debian-12', files: { log: Buffer.from('failed too') } })
  await addSparseFile()
})

describe('a file', () => {
  test('is sent whole, with validators and safe headers', async () => {
    const { status, headers, body } = await send(file('digits.txt'))
    expect(status).toBe(200)
    expect(body).toEqual(text)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '10',
      'content-disposition': 'inline; filename="digits.txt"',
      etag: `"${sha256(text)}"`,
      'last-modified': minute(2).toUTCString(),
      'accept-ranges': 'bytes',
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'cross-origin',
      'access-control-allow-origin': '*',
    })
  })

  test('HEAD has the headers of GET, without the content', async () => {
    const get = await send(file('bin/utop'))
    const head = await send(file('bin/utop'), {}, 'HEAD')
    expect(head.status).toBe(200)
    expect(head.body).toHaveLength(0)
    expect({ ...head.headers, date: '', 'x-request-id': '' }).toEqual({
      ...get.headers,
      date: '',
      'x-request-id': '',
    })
  })

  test('an empty file has an empty body', async () => {
    const { status, headers, body } = await send(file('empty'))
    expect([status, headers['content-length'], body.length]).toEqual([200, '0', 0])
  })

  test.each([
    ['docs/index.html', 'text/html; charset=utf-8'],
    ['docs/picture.svg', 'image/svg+xml'],
    ['docs/data.xml', 'application/xml'],
    ['bin/utop', 'application/octet-stream'],
  ])('%s is saved, not shown', async (path, type) => {
    const { headers } = await send(file(path))
    expect(headers['content-type']).toBe(type)
    expect(headers['content-disposition']).toMatch(/^attachment; /)
  })

  test.each(oddPaths)('the name %j survives URL and headers', async (path) => {
    const { status, headers, body } = await send(file(path))
    expect([status, body.toString()]).toEqual([200, `content of ${path}`])
    const { parameters } = contentDisposition.parse(headers['content-disposition'] ?? '')
    // A backslash separates folders where some browsers save.
    expect(parameters['filename']).toBe(path.split(/[/\\]/).at(-1))
  })

  test.each([
    ['empty segments', 'bin//utop'],
    ['a leading slash', '/bin/utop'],
    ['dots', './bin/./utop'],
    ['an encoded slash', 'bin%2Futop'],
  ])('is found in spite of %s', async (_case, path) => {
    expect((await send(`${buildPath('utop', uuidOf(1))}/f/${path}`)).status).toBe(200)
  })

  test('is found by an upper-case UUID', async () => {
    expect((await send(file('bin/utop').replace(uuidOf(1), uuidOf(1).toUpperCase()))).status).toBe(200)
  })
})

describe('a conditional request', () => {
  const etag = `"${sha256(text)}"`
  test.each([
    ['the tag', { 'If-None-Match': etag }, 304],
    ['the tag, weak', { 'If-None-Match': `W/${etag}` }, 304],
    ['one of several tags', { 'If-None-Match': `"x", ${etag}` }, 304],
    ['any tag', { 'If-None-Match': '*' }, 304],
    ['another tag', { 'If-None-Match': '"x"' }, 200],
    ['the date', { 'If-Modified-Since': minute(2).toUTCString() }, 304],
    ['an earlier date', { 'If-Modified-Since': minute(0).toUTCString() }, 200],
    [
      'another tag and a later date',
      { 'If-None-Match': '"x"', 'If-Modified-Since': minute(9).toUTCString() },
      200,
    ],
  ])('with %s', async (_case, headers, expected) => {
    const answer = await send(file('digits.txt'), headers)
    expect(answer.status).toBe(expected)
    expect(answer.headers.etag).toBe(etag)
    expect(answer.body.length).toBe(expected === 304 ? 0 : 10)
  })
})

describe('a range', () => {
  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-5', '2345', 'bytes 2-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=7-100', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=-100', '0123456789', 'bytes 0-9/10'],
  ])('%s is sent', async (range, content, contentRange) => {
    const { status, headers, body } = await send(file('digits.txt'), { Range: range })
    expect([status, body.toString(), headers['content-range']]).toEqual([206, content, contentRange])
    expect(headers['content-length']).toBe(String(content.length))
  })

  test.each(['bytes=10-', 'bytes=20-30', 'bytes=-0'])('%s cannot be satisfied', async (range) => {
    const { status, headers } = await send(file('digits.txt'), { Range: range })
    expect([status, headers['content-range']]).toEqual([416, 'bytes */10'])
  })

  test.each(['bytes=0-1,4-5', 'bytes=abc', 'bytes=', 'lines=0-1', 'lines=99-1'])(
    '%s gives the whole file',
    async (range) => {
      const { status, headers, body } = await send(file('digits.txt'), { Range: range })
      expect([status, body.toString(), headers['content-range']]).toEqual([200, '0123456789', undefined])
    },
  )

  test.each([
    ['the tag', () => `"${sha256(text)}"`, 206],
    ['the date', () => minute(2).toUTCString(), 206],
    ['another tag', () => '"x"', 200],
    ['a weak tag', () => `W/"${sha256(text)}"`, 200],
    ['another date', () => minute(3).toUTCString(), 200],
  ])('If-Range with %s', async (_case, validator, expected) => {
    const { status } = await send(file('digits.txt'), { Range: 'bytes=0-1', 'If-Range': validator() })
    expect(status).toBe(expected)
  })

  test('is not for HEAD', async () => {
    const { status, headers } = await send(file('digits.txt'), { Range: 'bytes=0-1' }, 'HEAD')
    expect([status, headers['content-length']]).toEqual([200, '10'])
  })

  test('lies beyond 4 GiB in a large file', async () => {
    const head = await send(file('sparse'), {}, 'HEAD')
    expect(head.headers['content-length']).toBe(String(sparseBytes))
    const { status, headers, body } = await send(file('sparse'), { Range: 'bytes=-7' })
    expect([status, body.toString()]).toEqual([206, 'the end'])
    expect(headers['content-range']).toBe(`bytes ${sparseBytes - 7}-${sparseBytes - 1}/${sparseBytes}`)
    const middle = await send(file('sparse'), { Range: `bytes=${2 ** 32}-${2 ** 32 + 99}` })
    expect(middle.body).toEqual(Buffer.alloc(100))
  })
})

describe('a client that leaves', () => {
  afterEach(() => {
    hooks.open = openPlainly
  })

  test('in the middle of a file closes it and is no failure', async () => {
    const closed = new Promise<void>((resolve) => {
      hooks.open = async (open) => {
        const stream = await open()
        stream?.once('close', resolve)
        return stream
      }
    })
    site
      .request(file('sparse'))
      .on('response', (response) => {
        response.on('error', () => {}).once('data', () => response.destroy())
      })
      .end()
    await closed
    // The next answer comes after whatever the handler did with the failure.
    await send(file('digits.txt'))
    expect(failures).toEqual([])
  })

  test('before the answer closes the file, too', async () => {
    const connectionClosed = new Promise<void>((resolve) => {
      site.server.once('connection', (socket) => socket.once('close', () => resolve()))
    })
    const request = site.request(file('sparse')).on('error', () => {})
    const closed = new Promise<void>((resolve) => {
      hooks.open = async (open) => {
        request.destroy()
        await connectionClosed
        const stream = await open()
        stream?.once('close', resolve)
        return stream
      }
    })
    request.end()
    await closed
    await send(file('digits.txt'))
    expect(failures).toEqual([])
  })
})

test('a file that the store lacks is a failure, not an empty answer', async () => {
  await addRow('lost', 'cd'.repeat(32), 3)
  for (const method of ['GET', 'HEAD']) {
    expect((await send(file('lost'), {}, method)).status).toBe(500)
    expect(failures.splice(0).map(String)).toEqual([
      expect.stringMatching(/^DamagedBlobError: blob (cd){32} is damaged: its file is missing/),
    ])
  }
})

test('a file that is shorter than it was is a failure, not a short answer', async () => {
  await addRow('cut', sha256(text), 11)
  for (const method of ['GET', 'HEAD']) {
    expect((await send(file('cut'), {}, method)).status).toBe(500)
    expect(failures.splice(0).map(String)).toEqual([
      expect.stringMatching(/^DamagedBlobError: .* it has 10 bytes instead of 11/),
    ])
  }
})

describe('console and script', () => {
  test('are plain text that a browser shows', async () => {
    const answers = [await send(consolePath('utop', uuidOf(1))), await send(scriptPath('utop', uuidOf(1)))]
    expect(answers.map(({ body }) => body.toString())).toEqual(['0.000s:hello\n', 'echo 1\n'])
    for (const { headers } of answers) {
      expect(headers['content-type']).toBe('text/plain; charset=utf-8')
      expect(headers['content-disposition']).toMatch(/^inline; /)
      expect(headers['access-control-allow-origin']).toBe('*')
    }
  })
})

describe('a redirect', () => {
  const build = (n: number, job = 'utop') => buildPath(job, uuidOf(n))
  test.each([
    ['the main binary', `${build(1)}/main-binary`, 302, `${build(1)}/f/bin/utop`],
    ['the main binary with an odd name', `${build(2)}/main-binary`, 302, `${build(2)}/f/bin/u%20top%3F`],
    ['the latest build', '/job/utop/build/latest', 307, build(2)],
    ['the latest build, with a slash', '/job/utop/build/latest/', 307, build(2)],
    ['the latest build of a platform', '/job/utop/build/latest?platform=debian-12', 307, build(1)],
    ['the latest build of no platform in particular', '/job/utop/build/latest?platform=', 307, build(2)],
    ['a page below the latest build', '/job/utop/build/latest/f/bin/utop', 307, `${build(2)}/f/bin/utop`],
    [
      'the rest as it was encoded',
      '/job/utop/build/latest/f/a%2Fb%20%41;c',
      307,
      `${build(2)}/f/a%2Fb%20%41;c`,
    ],
    [
      'the rest of the query',
      '/job/utop/build/latest/f/x?a=%20b&platform=debian%2D12&c',
      307,
      `${build(1)}/f/x?a=%20b&c`,
    ],
    ['a job with an odd name', '/job/a%20job%2F%C3%A9/build/latest', 307, build(4, 'a job/é')],
    ['a hash', `/hash?sha256=${sha256(Buffer.from('utop 1'))}`, 302, build(1)],
    ['a hash in upper case', `/hash?sha256=${sha256(Buffer.from('utop 1')).toUpperCase()}`, 302, build(1)],
    [
      'a hash of several builds: the newest',
      `/hash?sha256=${sha256(Buffer.from('shared by two builds'))}`,
      302,
      build(2),
    ],
  ])('leads to %s', async (_case, path, status, location) => {
    for (const method of ['GET', 'HEAD']) {
      const answer = await send(path, {}, method)
      expect([answer.status, answer.headers.location]).toEqual([status, location])
      expect(answer.headers['cache-control']).toBe('no-cache')
      expect(answer.body).toHaveLength(0)
    }
  })
})

test.each([
  ['an unknown job', '/job/nope/build/latest', 404, 'no build of job "nope" has a main binary'],
  [
    'a job without a main binary',
    '/job/failing/build/latest',
    404,
    'no build of job "failing" has a main binary',
  ],
  [
    'an unknown platform',
    '/job/utop/build/latest?platform=x',
    404,
    'no build of job "utop" has a main binary on platform "x"',
  ],
  ['an unknown job of a build', `${buildPath('nope', uuidOf(1))}/console`, 404, 'no job "nope"'],
  [
    'an unknown build',
    `${buildPath('utop', uuidOf(99))}/script`,
    404,
    `job "utop" has no build ${uuidOf(99)}`,
  ],
  ['what is no UUID', '/job/utop/build/zzz/console', 404, 'job "utop" has no build zzz'],
  ['a build of another job', file('bin/x', 4), 404, `job "utop" has no build ${uuidOf(4)}`],
  ['an unknown file', file('nope'), 404, `build ${uuidOf(1)} has no artifact "nope"`],
  ['no file', `${buildPath('utop', uuidOf(1))}/f/`, 404, `build ${uuidOf(1)} has no artifact ""`],
  ['a folder', file('bin'), 404, `build ${uuidOf(1)} has no artifact "bin"`],
  [
    'a path that climbs',
    `${buildPath('utop', uuidOf(1))}/f/bin/../bin/utop`,
    404,
    `build ${uuidOf(1)} has no artifact "bin/../bin/utop"`,
  ],
  [
    'a path that climbs in disguise',
    `${buildPath('utop', uuidOf(1))}/f/%2e%2e%2fbin%2futop`,
    404,
    `build ${uuidOf(1)} has no artifact "../bin/utop"`,
  ],
  ['a name with a line break', file('a\nb'), 404, `build ${uuidOf(1)} has no artifact "a\\nb"`],
  ['a NUL', file('bin/utop\0'), 404, `build ${uuidOf(1)} has no artifact "bin/utop\\u0000"`],
  [
    'a build without a main binary',
    `${buildPath('utop', uuidOf(3))}/main-binary`,
    404,
    `build ${uuidOf(3)} has no main binary`,
  ],
  ['an unknown hash', `/hash?sha256=${'0'.repeat(64)}`, 404, `no artifact has the SHA-256 ${'0'.repeat(64)}`],
  ['what is no hash', '/hash?sha256=xyz', 400, 'the parameter sha256 has to be 64 hex digits'],
  ['no hash', '/hash', 400, 'the parameter sha256 has to be 64 hex digits'],
  ['malformed percent-encoding', `${buildPath('utop', uuidOf(1))}/f/%zz`, 400, 'malformed percent-encoding'],
  ['what is not UTF-8', `${buildPath('utop', uuidOf(1))}/f/%ff`, 400, 'malformed percent-encoding'],
])('%s is refused in a line', async (_case, path, status, line) => {
  const answer = await send(path)
  expect([answer.status, answer.body.toString()]).toEqual([status, `${line}\n`])
  expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8')
  expect(answer.headers['x-content-type-options']).toBe('nosniff')
})
