import type { KeyObject } from 'node:crypto'
import { MalformedError } from '../../errors.ts'
import { canonicalJson } from './canonical-json.ts'
import { inTotoKeyId, inTotoPublicKey } from './in-toto-key.ts'
import { signBytes, verifyBytes } from './keys.ts'
import { maxEnvelopeBytes, maxSignatures } from './dsse.ts'
import { asList, asObject, asText, parseStrictJson, type JsonObject } from './strict-json.ts'

/** A signed file of in-toto's first format: a link, or a layout. `signed` is as it was read. */
export type SignedMetadata = { signatures: { keyid: string; sig: string }[]; signed: JsonObject }

/** Hashes of a file by their algorithms. */
export type LinkDigests = Record<string, string>
/** What a link says: who ran the step `name` got these files from those. Paths to hashes. */
export type Link = {
  name: string
  materials: Record<string, LinkDigests>
  products: Record<string, LinkDigests>
}

const format = 'in-toto link'

/** Reads a link as rebuilderd and in-toto write them. Nothing is verified. Throws MalformedError. */
export function parseLink(bytes: Uint8Array): SignedMetadata & { link: Link } {
  const file = asObject(parseStrictJson(bytes, format, maxEnvelopeBytes), format, 'it')
  const signatures = asList(file['signatures'], format, 'signatures', maxSignatures).map((one) => {
    const { keyid, sig } = asObject(one, format, 'a signature')
    const hex = asText(sig, format, 'sig')
    if (!/^([0-9a-f]{2})+$/.test(hex)) throw new MalformedError(format, 0, 'sig is not hexadecimal')
    return { keyid: asText(keyid, format, 'keyid'), sig: hex }
  })
  const signed = asObject(file['signed'], format, 'signed')
  if (signed['_type'] !== 'link') throw new MalformedError(format, 0, '_type is not link')
  const link = {
    name: asText(signed['name'], format, 'name'),
    materials: filesOf(signed['materials'], 'materials'),
    products: filesOf(signed['products'], 'products'),
  }
  // Refuses what cannot be signed, such as fractions.
  canonicalJson(signed)
  return { signatures, signed, link }
}

/** The file, as in-toto-rs writes it: without blanks. */
export const printMetadata = ({ signatures, signed }: SignedMetadata): string =>
  JSON.stringify({ signatures, signed })

/**
 * The part of a link that is signed, with its fields in the order in which rebuilderd writes them. rebuilderd leaves `environment` null,
 * which in-toto-verify refuses; both read an empty one.
 */
export const linkOf = ({ name, materials, products }: Link): JsonObject => ({
  ...{ _type: 'link', name, materials, products },
  ...{ environment: {}, byproducts: {}, command: [] },
})

/** Signs a link or a layout with each of the keys. */
export function signMetadata(keys: readonly KeyObject[], signed: JsonObject): SignedMetadata {
  const bytes = signedBytes(signed)
  const signatures = keys.map((key) => ({
    keyid: inTotoKeyId(key),
    sig: Buffer.from(signBytes(key, bytes)).toString('hex'),
  }))
  return { signatures, signed }
}

/** Those of the Ed25519 keys that have signed. */
export function signersOfMetadata(file: SignedMetadata, keys: readonly KeyObject[]): KeyObject[] {
  const bytes = signedBytes(file.signed)
  return keys.filter((key) =>
    file.signatures.some(({ sig }) => verifyBytes(key, bytes, Buffer.from(sig, 'hex'))),
  )
}

/** What a layout asks for: `threshold` links, of those keys, all with this one product. */
export type RebuildLayout = { file: string; expires: string; threshold: number; keys: readonly KeyObject[] }

/** The layout with which in-toto-verify decides whether enough of the keys have rebuilt a downloaded file. */
export function layoutOf({ file, expires, threshold, keys }: RebuildLayout): JsonObject {
  const ids = keys.map(inTotoKeyId)
  return {
    _type: 'layout',
    expires,
    inspect: [
      {
        _type: 'inspection',
        expected_materials: [
          ['MATCH', file, 'WITH', 'PRODUCTS', 'FROM', 'rebuild'],
          ...['*.link', '*.layout', '*.pub'].map((pattern) => ['ALLOW', pattern]),
          ['DISALLOW', '*'],
        ],
        expected_products: [],
        name: 'downloaded',
        run: ['true'],
      },
    ],
    keys: Object.fromEntries(keys.map((key, n) => [ids[n] ?? '', inTotoPublicKey(key)])),
    readme: '',
    steps: [
      {
        _type: 'step',
        expected_command: [],
        expected_materials: [],
        expected_products: [
          ['CREATE', file],
          ['DISALLOW', '*'],
        ],
        name: 'rebuild',
        pubkeys: ids,
        threshold,
      },
    ],
  }
}

/** in-toto-rs writes each escaped line end as a real one. Source: in-toto-rs 48e57fd, src/models/metadata.rs. */
const signedBytes = (signed: JsonObject): Buffer => Buffer.from(canonicalJson(signed).replaceAll('\\n', '\n'))

function filesOf(value: JsonObject[string] | undefined, what: string): Record<string, LinkDigests> {
  const files = Object.entries(asObject(value, format, what)).map(([path, digests]) => {
    const hashes = Object.entries(asObject(digests, format, 'hashes of a file')).map(
      ([algorithm, hash]) => [algorithm, asText(hash, format, 'a hash')] as const,
    )
    return [path, Object.fromEntries(hashes)] as const
  })
  return Object.fromEntries(files)
}
