import { NotSealedError, seal, unseal } from '../secrets/seal.ts'
import { siteKey, siteKeyFile } from '../secrets/site-key.ts'
import { DomainError } from '../errors.ts'
import type { WebhookEndpoint } from '../generated/prisma/client.ts'
import type { WebhookEndpointId } from '../ids.ts'
import type { EndpointSecrets } from './webhook-request.ts'

/** The secrets of an endpoint cannot be opened: the key of the site is another one. */
export class SecretsLostError extends DomainError {
  override readonly name = 'SecretsLostError'
}

/** Each kind of secret opens as that alone, and for its endpoint alone. */
export type SecretKind = 'secret' | 'seed' | 'access-token'
const purposeOf = (kind: SecretKind, id: WebhookEndpointId) => `webhook ${id} ${kind}`

export const sealSecret = (dataDir: string, id: WebhookEndpointId, kind: SecretKind, bytes: Uint8Array) =>
  seal(siteKey(dataDir), purposeOf(kind, id), bytes)

const rotate = (id: WebhookEndpointId) =>
  `give the receiver a new secret ("hub webhooks rotate-secret ${id} --now")`
/** The receiver has made its access token: the hub cannot make another one. */
const lost: Record<SecretKind, { what: string; remedy: (id: WebhookEndpointId) => string }> = {
  secret: { what: 'secret', remedy: rotate },
  seed: { what: 'private key', remedy: rotate },
  'access-token': {
    what: 'access token',
    remedy: (id) => `give it again ("hub webhooks update ${id} --access-token-from VARIABLE")`,
  },
}

type SealedColumns = Pick<
  WebhookEndpoint,
  'id' | 'secret' | 'previousSecret' | 'previousSecretUntil' | 'signingSeed' | 'accessToken'
>

/** Throws SecretsLostError. */
export function openSecrets(dataDir: string, endpoint: SealedColumns, now: Date): EndpointSecrets {
  const { id, secret, previousSecret, previousSecretUntil, signingSeed, accessToken } = endpoint
  const key = siteKey(dataDir)
  const isPreviousLive = previousSecretUntil !== null && now < previousSecretUntil
  const open = (kind: SecretKind, sealed: Uint8Array) => {
    try {
      return unseal(key, purposeOf(kind, id), sealed)
    } catch (error) {
      if (!(error instanceof NotSealedError)) throw error
      const { what, remedy } = lost[kind]
      throw new SecretsLostError(
        `the ${what} of webhook ${id} was encrypted with another key than ${siteKeyFile(dataDir)}: bring that back, or ` +
          remedy(id),
      )
    }
  }
  return {
    secrets: [secret, ...(previousSecret && isPreviousLive ? [previousSecret] : [])].map((one) =>
      open('secret', one),
    ),
    signingSeed: signingSeed && open('seed', signingSeed),
    accessToken: accessToken && open('access-token', accessToken).toString(),
  }
}
