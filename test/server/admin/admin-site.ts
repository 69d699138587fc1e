import { randomBytes } from 'node:crypto'
import type { Role } from '../../../server/users/rights.ts'
import { sessionCookies } from '../../../server/users/credentials.ts'
import { sha256Of } from '../../../server/users/token-text.ts'
import { decoyHash } from '../../../server/users/password.ts'
import type { GraphQLAnswer, TestApp } from '../../app.ts'

/** A user with this role who has signed in; returns the cookies of the session, for a site with TLS and for one without. */
export async function signIn(
  { deps: { writer } }: { deps: Pick<TestApp['deps'], 'writer'> },
  name: string,
  role: Role,
): Promise<string> {
  const secret = randomBytes(32).toString('base64url')
  const now = new Date()
  await writer.transact([], async (tx) => {
    const data = { role, unrestricted: false, createdAt: now, ...decoyHash() }
    const user = await tx.user.upsert({
      where: { name },
      create: { name, ...data },
      update: { role },
      select: { id: true },
    })
    await tx.session.create({
      data: {
        ...{ userId: user.id, sha256: sha256Of(secret), userAgent: 'a test', lastSeenFrom: '127.0.0.1' },
        ...{ createdAt: now, authenticatedAt: now, lastSeenAt: now },
        expiresAt: new Date(now.getTime() + 86_400_000),
      },
      select: { id: true },
    })
  })
  return Object.values(sessionCookies)
    .map((cookie) => `${cookie}=${secret}`)
    .join('; ')
}

/** Sends operations with these headers. */
export function graphqlWith({ url }: Pick<TestApp, 'url'>, headers: Record<string, string>) {
  return async (query: string, variables?: Record<string, unknown>): Promise<GraphQLAnswer> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as GraphQLAnswer
  }
}
