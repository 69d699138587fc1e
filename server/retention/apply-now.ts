import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import type { Config } from '../config.ts'
import type { Writer } from '../database/writer.ts'
import { enqueue } from '../runner/enqueue.ts'
import { applyRetentionKind } from './read-retention-state.ts'
import { readRetentionPolicy, RetentionPolicyError } from './retention-policy.ts'

/** Lets the server apply the policy now, before its daily run. Throws RetentionPolicyError. */
export async function applyRetentionNow(
  writer: Writer,
  { actor, at }: Act,
  { retentionFile }: Pick<Config, 'retentionFile'>,
): Promise<void> {
  if (retentionFile === '')
    throw new RetentionPolicyError(
      'there is no retention policy: set --retention-file, and start the server again',
    )
  readRetentionPolicy(retentionFile)
  await writer.transact(['tasks'], async (tx) => {
    await enqueue(tx, [{ kind: applyRetentionKind, key: '', ifKnown: 'runAgain' }], at)
    await recordAudit(tx, { at, actor, action: 'retention.apply', target: retentionFile })
  })
}
