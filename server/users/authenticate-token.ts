import { BlockList, isIP } from 'node:net'
import * as z from 'zod'
import type { Reader } from '../database/reader.ts'
import { BadCredentialsError } from './bad-credentials.ts'
import { grantedBy, readScopes } from './scopes.ts'
import { isTokenText, sha256Of } from './token-text.ts'
import { viewerOf, type Viewer } from './viewer.ts'

const wrong =
  'wrong token: it may be mistyped, expired, revoked, or not for this address; "hub token list" shows which tokens count'

/** The user whose token this is. Throws BadCredentialsError, with one message for every reason. */
export async function authenticateToken(
  db: Reader,
  text: string,
  { address, now }: { address: string; now: Date },
): Promise<Viewer> {
  // A mistyped token costs no query.
  if (!isTokenText(text)) throw new BadCredentialsError(wrong)
  const token = await db.token.findUnique({ where: { sha256: sha256Of(text) }, include: { user: true } })
  const isOver = token?.revokedAt != null || (token?.expiresAt != null && token.expiresAt <= now)
  if (!token || isOver || token.user.disabled || !isFrom(token.networks, address))
    throw new BadCredentialsError(wrong)
  const { rights, jobs } = grantedBy(readScopes(token.scopes))
  return viewerOf(token.user, { kind: 'token', id: token.id, prefix: token.prefix, jobs }, rights)
}

const Networks = z.array(z.string())

/** Whether the address lies in one of the networks; `json` as in the table of tokens. */
function isFrom(json: string | null, address: string): boolean {
  if (json === null) return true
  const networks = new BlockList()
  for (const network of Networks.parse(JSON.parse(json))) {
    const [base = '', bits] = network.split('/')
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
    networks.addSubnet(base, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  const plain = address.replace(/%.*$/, '')
  return isIP(plain) !== 0 && networks.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
