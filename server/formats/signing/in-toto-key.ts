import { createHash, type KeyObject } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import { rawEd25519 } from './keys.ts'

const inTotoKey = (key: KeyObject) => ({
  keyid_hash_algorithms: ['sha256', 'sha512'],
  keytype: 'ed25519',
  keyval: { public: rawEd25519(key).toString('hex') },
  scheme: 'ed25519',
})

/** The id of an Ed25519 key in links and layouts: 64 hexadecimal digits. Source: securesystemslib 0.2, keys.py. */
export const inTotoKeyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(canonicalJson(inTotoKey(key)))
    .digest('hex')

/** The key as a layout has it, and as a file with the extension `.pub` has it for in-toto-verify. */
export const inTotoPublicKey = (key: KeyObject) => {
  const { keyval, ...rest } = inTotoKey(key)
  return { keyid: inTotoKeyId(key), ...rest, keyval: { ...keyval, private: '' } }
}
