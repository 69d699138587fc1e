import { BlockList, isIP } from 'node:net'
import type { Reader } from '../database/reader.ts'
import type { Token, User } from '../generated/prisma/client.ts'
import { BadCredentialsError } from './bad-credentials.ts'
import { grantedBy, readScopes } from './scopes.ts'
import { isTokenText, sha256Of } from './token-text.ts'
import { readNetworks } from './tokens.ts'
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
  const viewer = token && viewerOfToken(token, { address, now })
  if (!viewer) throw new BadCredentialsError(wrong)
  return viewer
}

/** The user of a token, and what it allows from an address at a time; null: it does not count. */
export function viewerOfToken(
  token: Token & { user: User },
  { address, now }: { address: string; now: Date },
): Viewer | null {
  const isOver = token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now)
  if (isOver || token.user.disabled || !isFrom(token.networks, address)) return null
  const { rights, jobs } = grantedBy(readScopes(token.scopes))
  return viewerOf(token.user, { kind: 'token', id: token.id, prefix: token.prefix, jobs }, rights)
}

/** Whether the address lies in one of the networks; `json` as in the table of tokens. */
function isFrom(json: string | null, address: string): boolean {
  const allowed = readNetworks(json)
  if (allowed === null) return true
  const networks = new BlockList()
  for (const network of allowed) {
    const [base = '', bits] = network.split('/')
    const family = isIP(base) === 6 ? 'ipv6' : 'ipv4'
    networks.addSubnet(base, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  const plain = address.replace(/%.*$/, '')
  return isIP(plain) !== 0 && networks.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
