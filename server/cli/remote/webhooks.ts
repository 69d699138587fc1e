import { graphql } from '../../generated/operations/gql.ts'
import type { WebhookFilterInput, WebhookFormat } from '../../generated/operations/graphql.ts'
import type { WebhookEndpointId } from '../../ids.ts'
import type { EndpointInput } from '../../webhooks/checked-endpoint.ts'
import type { EndpointFilter } from '../../webhooks/endpoint-filter.ts'
import type { EndpointFacts } from '../../webhooks/list-endpoints.ts'
import type { ShownSecret } from '../../webhooks/manage-endpoints.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

const listDocument = graphql(`
  query CommandWebhooks {
    admin {
      webhooks {
        id
        url
        description
        format
        types
        filter {
          jobs
          platforms
          sections
          results
          verdicts
        }
        state
        stateReason
        failureCount
        failingSince
        pausedUntil
        previousSecretUntil
        publicKey
        hasAccessToken
        createdAt
        pendingCount
        deadCount
      }
    }
  }
`)

const addDocument = graphql(`
  mutation CommandAddWebhook(
    $url: String!
    $description: String
    $format: WebhookFormat
    $types: [String!]
    $filter: WebhookFilterInput
    $accessToken: String
    $isAsymmetric: Boolean
  ) {
    addWebhook(
      url: $url
      description: $description
      format: $format
      types: $types
      filter: $filter
      accessToken: $accessToken
      isAsymmetric: $isAsymmetric
    ) {
      ... on AddWebhookSuccess {
        secret {
          id
          secret
          publicKey
        }
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const updateDocument = graphql(`
  mutation CommandUpdateWebhook(
    $id: ID!
    $url: String
    $description: String
    $format: WebhookFormat
    $types: [String!]
    $filter: WebhookFilterInput
    $accessToken: String
    $isEnabled: Boolean
  ) {
    updateWebhook(
      id: $id
      url: $url
      description: $description
      format: $format
      types: $types
      filter: $filter
      accessToken: $accessToken
      isEnabled: $isEnabled
    ) {
      ... on UpdateWebhookSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveWebhook($id: ID!) {
    removeWebhook(id: $id) {
      ... on RemoveWebhookSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const rotateDocument = graphql(`
  mutation CommandRotateWebhookSecret($id: ID!, $isAtOnce: Boolean) {
    rotateWebhookSecret(id: $id, isAtOnce: $isAtOnce) {
      ... on RotateWebhookSecretSuccess {
        secret {
          id
          secret
          publicKey
        }
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const testDocument = graphql(`
  mutation CommandTestWebhook($id: ID!) {
    testWebhook(id: $id) {
      ... on TestWebhookSuccess {
        deliveryId
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listEndpoints`. */
export async function listWebhooksAt(site: RemoteSite): Promise<EndpointFacts[]> {
  const { admin } = await site.ask(listDocument, {})
  return (admin?.webhooks ?? []).map((webhook) => {
    const { id, url, description, stateReason, failureCount, publicKey, format, types, filter } = webhook
    const { state, hasAccessToken, createdAt, pendingCount, deadCount } = webhook
    const { failingSince, pausedUntil, previousSecretUntil } = webhook
    return {
      ...{ id: Number(id) as WebhookEndpointId, url, description, stateReason, failureCount },
      ...{
        failingSince: toDateOrNull(failingSince),
        pausedUntil: toDateOrNull(pausedUntil),
        publicKey,
        format,
      },
      // The site checks what filters have.
      ...{ types, filter: filter as EndpointFilter, state },
      ...{ previousSecretUntil: toDateOrNull(previousSecretUntil), hasAccessToken },
      ...{ createdAt: toDate(createdAt), pendingCount, deadCount },
    }
  })
}

type Change = EndpointInput & { state?: 'ENABLED' | 'DISABLED' }

/** What the API takes for an input: an empty list of types is all. */
function given({ url, description, format, types, filter, accessToken, state }: Change) {
  return {
    ...(url === undefined ? {} : { url }),
    ...(description === undefined ? {} : { description }),
    // The option of the command has no other values.
    ...(format === undefined ? {} : { format: format as WebhookFormat }),
    ...(types === undefined ? {} : { types: [...(types ?? [])] }),
    ...(filter === undefined ? {} : { filter: filter as WebhookFilterInput }),
    ...(accessToken === undefined ? {} : { accessToken }),
    ...(state === undefined ? {} : { isEnabled: state === 'ENABLED' }),
  }
}

const toSecret = ({ id, secret, publicKey }: { id: string; secret: string; publicKey: string | null }) => ({
  ...{ id: Number(id) as WebhookEndpointId, secret, publicKey },
})

export async function addWebhookAt(
  site: RemoteSite,
  { isAsymmetric, url, ...input }: EndpointInput & { url: string; isAsymmetric: boolean },
): Promise<ShownSecret> {
  return toSecret((await site.act(addDocument, { ...given(input), url, isAsymmetric })).secret)
}

export async function updateWebhookAt(site: RemoteSite, id: number, input: Change): Promise<void> {
  await site.act(updateDocument, { ...given(input), id: String(id) })
}

export async function removeWebhookAt(site: RemoteSite, id: number): Promise<void> {
  await site.act(removeDocument, { id: String(id) })
}

export async function rotateSecretAt(site: RemoteSite, id: number, isAtOnce: boolean): Promise<ShownSecret> {
  return toSecret((await site.act(rotateDocument, { id: String(id), isAtOnce })).secret)
}

/** Number of the delivery. */
export async function testWebhookAt(site: RemoteSite, id: number): Promise<number> {
  return Number((await site.act(testDocument, { id: String(id) })).deliveryId)
}
