/**
 * Row ids, with one type per table: passing the id of a job to a query for builds does not compile.
 * The generated Prisma types are rewritten to use them (scripts/brand-ids.mjs).
 */
export type JobId = number & { readonly brand: 'JobId' }
export type PlatformId = number & { readonly brand: 'PlatformId' }
export type BuildId = number & { readonly brand: 'BuildId' }
export type ArtifactId = number & { readonly brand: 'ArtifactId' }
export type QueuedTaskId = number & { readonly brand: 'QueuedTaskId' }
export type HookRunId = number & { readonly brand: 'HookRunId' }
export type RepositoryFileId = number & { readonly brand: 'RepositoryFileId' }
export type TombstoneId = number & { readonly brand: 'TombstoneId' }
export type AuditEntryId = number & { readonly brand: 'AuditEntryId' }
export type CodeAttemptId = number & { readonly brand: 'CodeAttemptId' }
export type SessionId = number & { readonly brand: 'SessionId' }
export type TokenId = number & { readonly brand: 'TokenId' }
export type EventId = number & { readonly brand: 'EventId' }
export type WebhookEndpointId = number & { readonly brand: 'WebhookEndpointId' }
export type WebhookDeliveryId = number & { readonly brand: 'WebhookDeliveryId' }
export type WebhookAttemptId = number & { readonly brand: 'WebhookAttemptId' }
export type SubscriptionId = number & { readonly brand: 'SubscriptionId' }
export type NotificationId = number & { readonly brand: 'NotificationId' }
export type MailId = number & { readonly brand: 'MailId' }
export type ScheduleId = number & { readonly brand: 'ScheduleId' }
export type ScheduleVersionId = number & { readonly brand: 'ScheduleVersionId' }
export type TemplateId = number & { readonly brand: 'TemplateId' }
export type RunId = number & { readonly brand: 'RunId' }
export type RunTryId = number & { readonly brand: 'RunTryId' }
export type BuildWorkerId = number & { readonly brand: 'BuildWorkerId' }
export type SigningKeyId = number & { readonly brand: 'SigningKeyId' }
export type TrustedKeyId = number & { readonly brand: 'TrustedKeyId' }
export type PackageSetId = number & { readonly brand: 'PackageSetId' }
export type PackageVersionId = number & { readonly brand: 'PackageVersionId' }
export type VexStatementId = number & { readonly brand: 'VexStatementId' }
export type AttestationId = number & { readonly brand: 'AttestationId' }
export type LogRemovalId = number & { readonly brand: 'LogRemovalId' }
export type UserId = number & { readonly brand: 'UserId' }

/** A condition on an id in Prisma's `where`. */
export type IdFilter<Id> = {
  equals?: Id
  in?: NonNullable<Id>[]
  notIn?: NonNullable<Id>[]
  not?: Id
  lt?: NonNullable<Id>
  lte?: NonNullable<Id>
  gt?: NonNullable<Id>
  gte?: NonNullable<Id>
}

/** A condition on a hash in Prisma's `where`, as hexadecimal digits. */
export type HashFilter<Hash> = {
  equals?: Hash
  gt?: NonNullable<Hash>
  in?: NonNullable<Hash>[]
  notIn?: NonNullable<Hash>[]
  not?: Hash
}
