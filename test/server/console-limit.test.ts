import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { consoleSpool } from '../../server/builds/console-spool.ts'
import { RecordTooLargeError } from '../../server/errors.ts'
import { consoleEntrySizeBytes, encodeConsoleEntry } from '../../server/formats/exec-record-encoder.ts'

function spoolOf(maxLines: number) {
  const dir = mkdtempSync(join(tmpdir(), 'console-'))
  const spool = consoleSpool({ dir, maxLines })
  onTestFinished(async () => {
    await spool.dispose()
    rmSync(dir, { recursive: true })
  })
  return spool
}

test('a console of more lines than its index may have is refused, and says why', async () => {
  const spool = spoolOf(10)
  await spool.add(0n, Buffer.from('\n'.repeat(8)))
  await spool.add(1n, Buffer.from('the tenth line'))
  expect(spool.lineCount).toBe(10)
  const refusal = new RecordTooLargeError(
    'the console has more than 10 lines; no more are allowed: let the build print less',
  )
  expect(() => spool.add(2n, Buffer.from('the eleventh'))).toThrow(refusal)
  expect(() => spoolOf(10).add(0n, Buffer.from('\n'.repeat(10)))).toThrow(refusal)
})

test('what a console takes in a record is added up while it arrives', async () => {
  const spool = spoolOf(1_000)
  const entries = [0n, 127n, 128n, -1n, 2n ** 40n, 5_000_000_000n].map((deltaNs, n) => ({
    deltaNs,
    text: Buffer.from('x'.repeat(n * 60)),
  }))
  for (const { deltaNs, text } of entries) await spool.add(deltaNs, text)
  const encoded = entries.map(({ deltaNs, text }) => encodeConsoleEntry(deltaNs, text).length)
  expect(spool.derBytes).toBe(encoded.reduce((sum, length) => sum + length, 0))
  expect(consoleEntrySizeBytes(0n, 0)).toBe(encoded[0])
})
