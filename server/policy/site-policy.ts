import { join } from 'node:path'
import type { Config } from '../config.ts'
import { perServer } from '../per-server.ts'
import { readPolicyFile, type Policy } from './policy-file.ts'

/** The name of the file in the configuration directory. */
export const policyFileName = 'policy.json'

const holder = perServer((): { policy: Policy | null; isRead: boolean } => ({ policy: null, isRead: false }))

/** The policy of this server, as it was read last: at the start, or after SIGHUP. Null: the site has none. Throws BadConfigError at the first call. */
export function sitePolicy(config: Pick<Config, 'configDir'>): Policy | null {
  const held = holder(config)
  if (!held.isRead) readSitePolicy(config)
  return held.policy
}

/** Reads the file again. Returns whether the policy is another one now. Throws BadConfigError; then the former policy stays. */
export function readSitePolicy(config: Pick<Config, 'configDir'>): boolean {
  const held = holder(config)
  const policy = readPolicyFile(join(config.configDir, policyFileName))
  const isOther = policy?.sha256 !== held.policy?.sha256
  Object.assign(held, { policy, isRead: true })
  return isOther
}
