import type { Config } from '../config.ts'

/** The address of the site in statements, without a slash at the end. They are written without a request. */
export const statedUrl = ({ publicUrl, host, port }: Pick<Config, 'publicUrl' | 'host' | 'port'>): string =>
  publicUrl || `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Addresses that statements name, below that of the site. */
export const buildTypePaths = { orb: '/buildtypes/orb/v1', script: '/buildtypes/script/v1' } as const
export const builderPath = (label: string): string => `/builders/${label}`
/** The policy of the site, as the operator has written it. */
export const sitePolicyPath = '/policy.json'
export const policyPath = '/policies/two-builders/v1'
export const attestationPath = (uuid: string): string => `/attestation/${uuid}`

/** What the rule says under which the site confirms an output. Statements have its hash: a new rule has a new address. */
export const policyText = `Two builders, version 1

This site confirms an output when
1. two uploads by two different users have the same main binary, byte for byte,
2. both had the same inputs: the same opam switch, environment and system packages,
3. no upload with these inputs had another main binary.
The site compares what it received. It did not run these builds.
`
