import { existsSync } from 'node:fs'
import type { Config } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { siteKeyFile } from '../secrets/site-key.ts'
import { ok, problem, warning, type Finding } from './check.ts'

/** Whether webhooks reach their receivers, and the key of their secrets is there. Nothing without webhooks. */
export async function checkWebhooks(db: Reader, { dataDir }: Pick<Config, 'dataDir'>): Promise<Finding[]> {
  const endpoints = await db.webhookEndpoint.findMany({
    where: { state: { not: 'DISABLED' } },
    orderBy: { id: 'asc' },
    select: { id: true, state: true, stateReason: true, failureCount: true, failingSince: true },
  })
  if (endpoints.length === 0) return []
  const key = siteKeyFile(dataDir)
  const found: Finding[] = existsSync(key)
    ? []
    : [problem(`${key} is missing, with which the secrets of webhooks are encrypted: bring it back`)]
  for (const { id, state, stateReason, failureCount, failingSince } of endpoints) {
    if (state === 'SUSPENDED')
      found.push(
        problem(
          `webhook ${id} is suspended: ${stateReason}; "hub webhooks update ${id} --enable" resumes it`,
        ),
      )
    else if (failureCount >= 3 && failingSince)
      found.push(
        warning(
          `webhook ${id} has failed ${failureCount} times since ${failingSince.toISOString()}: ` +
            `"hub webhooks deliveries --webhook ${id}" says why`,
        ),
      )
  }
  return found.length > 0 ? found : [ok(`${counted(endpoints.length, 'webhook')} without failures`)]
}
