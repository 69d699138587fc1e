import { expect, test } from 'vitest'
import { encodeExecRecord, type ExecRecord } from '../../server/formats/exec-record-encoder.ts'
import { bytesOf, testApp } from '../app.ts'
import { file, sampleRecord } from '../record.ts'

const letters = (count: number) => 'x'.repeat(count)

/** The largest that is stored, and one more, with the answer to that. */
const limits: [
  name: string,
  largest: number,
  parts: (count: number) => Partial<ExecRecord>,
  status: number,
  message: string,
][] = [
  ['bytes of the job name', 255, (n) => ({ job: letters(n) }), 400, 'is longer than 255 bytes'],
  ['bytes of the platform name', 255, (n) => ({ platform: letters(n) }), 400, 'is longer than 255 bytes'],
  ['bytes of a path', 1024, (n) => ({ artifacts: [file(letters(n), '')] }), 413, 'at most 1024 are allowed'],
  // In UTF-8: two bytes each.
  [
    'letters of a path',
    512,
    (n) => ({ artifacts: [file('é'.repeat(n), '')] }),
    413,
    'at most 1024 are allowed',
  ],
  [
    'bytes of the script',
    64 * 2 ** 20,
    (n) => ({ script: Buffer.alloc(n, 'x') }),
    413,
    'script has 67108865 bytes; at most 67108864 are allowed',
  ],
]

test.each(limits)('%s: %i are stored, one more is refused with the reason', async (...limit) => {
  const [, largest, parts, status, message] = limit
  const app = await testApp()
  expect((await app.upload(sampleRecord(parts(largest)))).status).toBe(201)
  const refused = await app.upload(sampleRecord(parts(largest + 1)))
  expect(refused.status).toBe(status)
  expect(await refused.text()).toContain(message)
  expect(await app.deps.db.build.count()).toBe(1)
})

test.each(['exited', 'signalled'] as const)(
  'the least and the greatest number of a build that %s are kept',
  async (kind) => {
    const app = await testApp()
    for (const number of [-(2n ** 62n), 2n ** 62n - 1n]) {
      const result = kind === 'exited' ? { kind, code: number } : { kind, signal: number }
      expect((await app.upload(sampleRecord({ result }))).status).toBe(201)
      expect(await app.deps.db.build.findFirst({ where: { resultCode: number } })).not.toBe(null)
    }
  },
)

test('a record of as many bytes as the operator allows is stored, with one less allowed it is refused', async () => {
  const record = sampleRecord()
  const { length } = await bytesOf(encodeExecRecord(record))
  const answerTo = async (maxBytes: number) => {
    const app = await testApp({ env: { BUILDER_HUB_UPLOAD_MAX_BYTES: String(maxBytes) } })
    return app.upload(record)
  }
  expect((await answerTo(length)).status).toBe(201)
  const refused = await answerTo(length - 1)
  expect(refused.status).toBe(413)
  expect(await refused.text()).toContain(`more than the ${length - 1} that the operator allows`)
})
