import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Reader } from '../database/reader.ts'
import { inTotoKeyId } from '../formats/signing/in-toto-key.ts'
import { jwkThumbprint } from '../formats/signing/jwk-set.ts'
import { minisignPublicKey } from '../formats/signing/minisign.ts'
import { verifierKey } from '../formats/signing/signed-note.ts'
import { sshPublicKey } from '../formats/signing/sshsig.ts'
import type { SigningKeyId } from '../ids.ts'
import type { KeyPurpose } from './key-purpose.ts'

/** A key that the site signs with, or has signed with. */
export type PublishedKey = {
  id: SigningKeyId
  purpose: KeyPurpose
  algorithm: 'ED25519' | 'P256'
  keyId: string
  publicKey: string
  activeFrom: Date
  retiredAt: Date | null
  revokedAt: Date | null
  revokedSince: Date | null
  revokedFor: string | null
  introduction: string | null
}

/** All keys of all time, by purpose, the newest first. */
export async function listKeys(db: Reader, purpose?: KeyPurpose): Promise<PublishedKey[]> {
  const rows = await db.signingKey.findMany({
    where: purpose === undefined ? {} : { purpose },
    orderBy: [{ purpose: 'asc' }, { id: 'desc' }],
  })
  return rows.map(({ sha256, purpose: of, algorithm, ...row }) => ({
    ...row,
    keyId: sha256,
    purpose: of as KeyPurpose,
    algorithm: algorithm === 'P256' ? 'P256' : 'ED25519',
  }))
}

export const publicKeyOf = ({ publicKey }: Pick<PublishedKey, 'publicKey'>): KeyObject =>
  createPublicKey(publicKey)

/** Whether the site signs with the key now. */
export const isCurrent = ({ retiredAt, revokedAt }: Pick<PublishedKey, 'retiredAt' | 'revokedAt'>): boolean =>
  retiredAt === null && revokedAt === null

/** The name under which signers of notes and SSH signatures appear: the site's host and the path of its address. */
export const signerName = (siteUrl: string): string =>
  siteUrl.replace(/^https?:\/\//, '').replaceAll(/[+\s]/g, '')

/** The name of the log. */
export const logOrigin = (siteUrl: string): string => `${signerName(siteUrl)}/log`

/** The namespace of SSH signatures: a signature for one purpose is good for no other. */
export const sshNamespace = 'builder-hub'

/** A key in the forms that programs want it in. Null: not for this kind of key. */
export type KeyForms = {
  jwkThumbprint: string
  inTotoKeyId: string | null
  minisign: string | null
  ssh: string | null
  verifierKey: string | null
}

export function formsOf(key: PublishedKey, siteUrl: string, origin = logOrigin(siteUrl)): KeyForms {
  const object = publicKeyOf(key)
  const isEd25519 = key.algorithm === 'ED25519'
  const attests = key.purpose === 'ATTEST' && isEd25519
  return {
    jwkThumbprint: jwkThumbprint(object),
    inTotoKeyId: attests ? inTotoKeyId(object) : null,
    minisign: attests ? minisignPublicKey(object) : null,
    ssh: attests ? sshPublicKey(object) : null,
    verifierKey: key.purpose === 'LOG' ? verifierKey({ name: origin, key: object }) : null,
  }
}
