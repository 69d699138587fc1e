import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MultipartError } from '../../server/graphql/multipart-error.ts'
import { boundaryOf, readParts } from '../../server/graphql/multipart-parts.ts'

type Given = { name: string; fileName: string | null; content: string }

async function* chunksOf(body: Buffer, size: number) {
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size)
}

/** All parts, with contents in Latin-1: one character a byte. */
async function readAll(body: string | Buffer, boundary = 'x', chunkBytes = 1_000): Promise<Given[]> {
  const parts: Given[] = []
  for await (const { name, fileName, content } of readParts(
    chunksOf(Buffer.from(body), chunkBytes),
    boundary,
  )) {
    const bytes: Uint8Array[] = []
    for await (const chunk of content) bytes.push(chunk)
    parts.push({ name, fileName, content: Buffer.concat(bytes).toString('latin1') })
  }
  return parts
}

const field = (name: string, content: string, more = '') =>
  `--x\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${content}\r\n`

test.each<[string, string, Given[]]>([
  ['a field', `${field('a', 'b')}--x--\r\n`, [{ name: 'a', fileName: null, content: 'b' }]],
  ['nothing', '--x--', []],
  [
    'a preamble and an epilogue',
    `hello\r\n${field('a', '')}--x--\r\nbye`,
    [{ name: 'a', fileName: null, content: '' }],
  ],
  [
    'blanks behind a boundary',
    field('a', 'b').replace('--x', '--x \t') + '--x--',
    [{ name: 'a', fileName: null, content: 'b' }],
  ],
  [
    'a file name with quotes',
    `${field('a', 'b', '; filename="c\\"d\\\\e;f"')}--x--`,
    [{ name: 'a', fileName: 'c"d\\e;f', content: 'b' }],
  ],
  [
    'no quotes, odd cases',
    '--x\r\ncontent-disposition:FORM-DATA;NAME=a;FileName=b\r\n\r\nc\r\n--x--',
    [{ name: 'a', fileName: 'b', content: 'c' }],
  ],
  [
    'a header in two lines',
    '--x\r\nContent-Disposition: form-data;\r\n name="a"\r\n\r\nc\r\n--x--',
    [{ name: 'a', fileName: null, content: 'c' }],
  ],
  [
    'what is nearly a boundary',
    `${field('a', '\r\n--\r\n-x\r\r\n--y')}--x--`,
    [{ name: 'a', fileName: null, content: '\r\n--\r\n-x\r\r\n--y' }],
  ],
])('%s is read, whatever the chunks', async (_name, body, expected) => {
  for (const size of [1, 2, 3, 7, 1_000]) expect(await readAll(body, 'x', size)).toEqual(expected)
})

test.each([
  ['nothing at all', '', 'ends within its preamble'],
  ['no boundary', 'hello', 'ends within its preamble'],
  ['a part that ends early', field('a', 'b'), 'ends within the part "a"'],
  [
    'a content that ends early',
    '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb',
    'ends within the part "a"',
  ],
  ['a header that ends early', '--x\r\nContent-Disposition: form', 'ends within the header'],
  ['a part without a header', '--x\r\n\r\nb\r\n--x--', 'has no name'],
  ['a part without a name', '--x\r\nContent-Disposition: form-data\r\n\r\nb\r\n--x--', 'has no name'],
  ['an attachment', '--x\r\nContent-Disposition: attachment; name="a"\r\n\r\nb\r\n--x--', 'has no name'],
  [
    'base64',
    '--x\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: base64\r\n\r\nYg==\r\n--x--',
    'encoded as "base64"',
  ],
  ['a longer boundary', '--xy\r\n\r\n--x--', 'followed by something else'],
  ['an endless header', `--x\r\nA: ${'b'.repeat(5_000)}`, 'more than 4096 bytes'],
])('%s is refused', async (_name, body, message) => {
  for (const size of [1, 1_000]) {
    const refusal = readAll(body, 'x', size)
    await expect(refusal).rejects.toThrow(MultipartError)
    await expect(refusal).rejects.toThrow(message)
  }
})

test.each([
  ['multipart/form-data; boundary=abc', 'abc'],
  ['Multipart/Form-Data;charset=utf-8; Boundary="a b;c"', 'a b;c'],
])('the boundary of %j', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary)
})

test.each([
  'multipart/form-data',
  'multipart/form-data; boundary=',
  `multipart/form-data; boundary=${'x'.repeat(71)}`,
])('%j has no boundary', (type) => {
  expect(() => boundaryOf(type)).toThrow(MultipartError)
})

test('parts of any bytes come back, however the body is cut', async () => {
  const bytes = fc.oneof(
    fc.string({ unit: fc.constantFrom('\r', '\n', '-', 'x', 'y'), maxLength: 30 }),
    fc.uint8Array({ maxLength: 50 }).map((all) => Buffer.from(all).toString('latin1')),
  )
  const parts = fc.array(
    bytes.filter((one) => !`\r\n${one}\r\n`.includes('\r\n--x')),
    { maxLength: 4 },
  )
  await fc.assert(
    fc.asyncProperty(parts, fc.integer({ min: 1, max: 40 }), async (contents, size) => {
      const body = Buffer.from(`${contents.map((one, n) => field(`p${n}`, one)).join('')}--x--\r\n`, 'latin1')
      const expected = contents.map((content, n) => ({ name: `p${n}`, fileName: null, content }))
      expect(await readAll(body, 'x', size)).toEqual(expected)
    }),
    { seed: 3, numRuns: 500 },
  )
})

test('any bytes are read or refused', async () => {
  const piece = fc.oneof(
    fc.constantFrom('--x', '\r\n', '--', 'Content-Disposition: form-data; name="a"', '\r\n\r\n'),
    fc.string({ maxLength: 5 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (pieces) => {
      await readAll(pieces.join('')).catch((error: unknown) => expect(error).toBeInstanceOf(MultipartError))
    }),
    { seed: 4, numRuns: 1_000 },
  )
})
