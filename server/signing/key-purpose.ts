import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { KeyAlgorithm } from '../formats/signing/keys.ts'

const generate = promisify(generateKeyPair)

/**
 * What a key of the site signs. ATTEST: statements, in-toto links, lists of checksums. LOG: checkpoints of the log, and nothing else ever.
 * SIGSTORE: statements in Sigstore bundles, because cosign does not verify Ed25519.
 */
export const keyPurposes = ['ATTEST', 'LOG', 'SIGSTORE'] as const
export type SitePurpose = (typeof keyPurposes)[number]
/** WITNESS: what this site has seen of the logs of others. Only a site that is a witness has such a key. */
export type KeyPurpose = SitePurpose | 'WITNESS'

export const isKeyPurpose = (text: string): text is KeyPurpose =>
  text === 'WITNESS' || (keyPurposes as readonly string[]).includes(text)

export const algorithms: Record<KeyPurpose, KeyAlgorithm> = {
  ATTEST: 'ED25519',
  LOG: 'ED25519',
  SIGSTORE: 'P256',
  WITNESS: 'ED25519',
}

/** A new private key for this purpose. */
export async function makeKey(purpose: KeyPurpose): Promise<KeyObject> {
  const { privateKey } =
    algorithms[purpose] === 'P256'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('ed25519', {})
  return privateKey
}
