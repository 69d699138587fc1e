import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readForeign } from '../../../server/attesters/read-foreign.ts'
import { MalformedError } from '../../../server/errors.ts'
import { printEnvelope, statementPayloadType } from '../../../server/formats/signing/dsse.ts'
import { signEnvelope } from '../../../server/formats/signing/keys.ts'
import { linkOf, printMetadata, signMetadata } from '../../../server/formats/signing/link.ts'
import { predicateTypes, printStatement } from '../../../server/formats/signing/statement.ts'

const { privateKey } = generateKeyPairSync('ed25519')
const hash = 'ab'.repeat(32)
const files = [
  printEnvelope(
    signEnvelope(
      privateKey,
      statementPayloadType,
      printStatement({
        subject: [{ name: 'a', digest: { sha256: hash } }],
        predicateType: predicateTypes.provenance,
        predicate: { buildDefinition: { internalParameters: { inputId: hash } } },
      }),
    ),
  ),
  printMetadata(
    signMetadata([privateKey], linkOf({ name: 'x', materials: {}, products: { a: { sha256: hash } } })),
  ),
].map((text) => Buffer.from(text))

test('a statement that was changed anywhere is read, or refused as malformed', () => {
  const change = fc.record({
    file: fc.nat(1),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.uint8Array({ maxLength: 4 }),
    cut: fc.nat(6),
  })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      let bytes: Buffer = Buffer.from(files[changes[0]?.file ?? 0] ?? '')
      for (const { at, bytes: put, cut } of changes) {
        const place = Math.floor(at * bytes.length)
        bytes = Buffer.concat([bytes.subarray(0, place), put, bytes.subarray(place + cut)])
      }
      try {
        readForeign(bytes).signersAmong([privateKey])
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError)
      }
    }),
    { seed: 16, numRuns: 3_000 },
  )
})
