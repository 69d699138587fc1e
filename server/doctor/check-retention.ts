import type { Config } from '../config.ts'
import { retentionFault } from '../retention/retention-policy.ts'
import { ok, problem, type Finding } from './check.ts'

/** Whether the server can read the policy of retention, if it has one. */
export function checkRetention({ retentionFile }: Pick<Config, 'retentionFile'>): Finding[] {
  if (retentionFile === '') return []
  const fault = retentionFault(retentionFile)
  if (fault === null) return [ok(`the retention policy ${retentionFile} is valid`)]
  const [head = '', ...faults] = fault.split(/\n\s*/)
  return [problem([head, faults.join('; ')].join(' ').trim())]
}
