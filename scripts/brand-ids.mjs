// Rewrites the generated Prisma types so that each table's ids have a type of their own
// (server/ids.ts). Prisma types every id as `number`, so the id of a job could be used to look up a build.
// Hashes are bytes in the database and hexadecimal digits in the code: their type is `string`
// (server/database/hex-hashes.ts converts them).
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../server/generated/prisma/models')

const foreignKeys = {
  jobId: 'JobId',
  platformId: 'PlatformId',
  buildId: 'BuildId',
  newestBuildId: 'BuildId',
  newestSuccessId: 'BuildId',
  newestMainBinaryId: 'BuildId',
  firstBuildId: 'BuildId',
  lastBuildId: 'BuildId',
  doneJobId: 'JobId',
  mainBinaryId: 'ArtifactId',
  tombstoneId: 'TombstoneId',
  userId: 'UserId',
  uploaderId: 'UserId',
  eventId: 'EventId',
  lastEventId: 'EventId',
  endpointId: 'WebhookEndpointId',
  deliveryId: 'WebhookDeliveryId',
  subscriptionId: 'SubscriptionId',
  mailId: 'MailId',
  keyId: 'SigningKeyId',
  trustedKeyId: 'TrustedKeyId',
  attestationId: 'AttestationId',
  lastAttestationId: 'AttestationId',
  scheduleId: 'ScheduleId',
  runId: 'RunId',
  workerId: 'BuildWorkerId',
}

for (const file of readdirSync(folder)) {
  const path = join(folder, file)
  const brands = { ...foreignKeys, id: `${file.replace('.ts', '')}Id` }
  const source = readFileSync(path, 'utf8')
  if (source.includes('/ids.ts')) continue
  const branded = source.replace(
    /^(\s+)(\w+)(\??: )(.*\bnumber\b.*)$/gm,
    (line, indent, key, colon, type) => {
      const brand = brands[key]
      if (!brand) return line
      const narrowed = type
        .replace(/Prisma\.IntFilter<"\w+">/, `ids.IdFilter<ids.${brand}>`)
        .replace(/Prisma\.IntNullableFilter<"\w+">/, `ids.IdFilter<ids.${brand} | null>`)
        .replace(/\bnumber\b/g, `ids.${brand}`)
      return indent + key + colon + narrowed
    },
  )
  const hashed = branded.replace(
    /^(\s+)(\w*sha256\w*|inputId)(\??: )(.*Bytes.*)$/gim,
    (_line, indent, key, colon, type) =>
      indent +
      key +
      colon +
      type
        .replace(/Prisma\.Bytes(WithAggregates)?Filter<"\w+">/, 'ids.HashFilter<string>')
        .replace(/Prisma\.BytesNullable(WithAggregates)?Filter<"\w+">/, 'ids.HashFilter<string | null>')
        .replace(/Prisma\.BytesFieldUpdateOperationsInput/, '{ set?: string }')
        .replace(/Prisma\.NullableBytesFieldUpdateOperationsInput/, '{ set?: string | null }')
        .replace(/runtime\.Bytes/g, 'string'),
  )
  // The import is at the end, because the first lines of the file switch off the type checker.
  writeFileSync(path, `${hashed}\nimport type * as ids from '../../../ids.ts'\n`)
}
