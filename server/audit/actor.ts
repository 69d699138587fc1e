import type { Credential } from '../users/viewer.ts'

/** How an actor was known. `command`: somebody who runs `hub` on the machine of the database. `server`: a schedule or a policy. */
export const vias = ['password', 'token', 'session', 'command', 'server', 'nobody'] as const

/** Who does something, as the audit log says it. */
export type Actor = {
  /** Name of the user; null: nobody who has signed in. */
  name: string | null
  via: (typeof vias)[number]
  /** The prefix of the token, or the number of the session. */
  credential: string | null
  /** Of the client. */
  address: string | null
  requestId: string | null
}

/** Who does something, and when: what functions that change the site take for its audit log. */
export type Act = { actor: Actor; at: Date }

/** The server itself, by a schedule or a policy. */
export const serverActor: Actor = {
  name: null,
  via: 'server',
  credential: null,
  address: null,
  requestId: null,
}

/** A viewer of a request as an actor; `viewer` null: nobody who has signed in. */
export function actorOf(
  viewer: { name: string; credential: Credential } | null,
  { address, requestId }: { address: string | null; requestId: string | null },
): Actor {
  if (!viewer) return { name: null, via: 'nobody', credential: null, address, requestId }
  const { name, credential } = viewer
  return { name, via: credential.kind, credential: shownOf(credential), address, requestId }
}

function shownOf(credential: Credential): string | null {
  if (credential.kind === 'token') return credential.prefix
  return credential.kind === 'session' ? String(credential.id) : null
}

/** What the server does by itself at this moment. */
export const byServer = (at = new Date()): Act => ({ actor: serverActor, at })
