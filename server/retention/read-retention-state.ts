import { readFileSync } from 'node:fs'
import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { readRetentionPolicy, RetentionPolicyError, type RetentionPolicy } from './retention-policy.ts'

/** Kind of the task that applies the policy. */
export const applyRetentionKind = 'APPLY_RETENTION'

/** The policy of retention, and when it is applied. */
export type RetentionState = {
  /** null: there is none, so that all builds stay. */
  file: string | null
  /** As it is written; null: there is none, or it cannot be read. */
  text: string | null
  policy: RetentionPolicy | null
  /** What is wrong with it; null: nothing. */
  fault: string | null
  /** null: no server has been started with it yet. */
  task: { state: string; dueAt: Date; finishedAt: Date | null; error: string | null } | null
}

export async function readRetentionState(
  { retentionFile }: Pick<Config, 'retentionFile'>,
  db: Reader,
): Promise<RetentionState> {
  const task = await db.queuedTask.findUnique({
    where: { kind_key: { kind: applyRetentionKind, key: '' } },
    select: { state: true, dueAt: true, finishedAt: true, error: true },
  })
  if (retentionFile === '') return { file: null, text: null, policy: null, fault: null, task }
  return { file: retentionFile, ...readPolicy(retentionFile), task }
}

function readPolicy(file: string): Pick<RetentionState, 'fault' | 'policy' | 'text'> {
  let text: string | null = null
  try {
    const policy = readRetentionPolicy(file)
    text = readFileSync(file, 'utf8')
    return { text, policy, fault: null }
  } catch (error) {
    if (!(error instanceof RetentionPolicyError)) throw error
    return { text, policy: null, fault: error.message }
  }
}
