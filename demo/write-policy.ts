import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keyIdOf } from '../server/formats/signing/keys.ts'
import type { Attester } from './add-attesters.ts'

/** Who of the demo belongs to whom, and what is asked for. Each uploader, and each attester elsewhere, is a group of its own. */
export function writePolicy(
  configDir: string,
  uploaders: readonly string[],
  attesters: readonly Attester[],
): void {
  mkdirSync(configDir, { recursive: true })
  const policy = {
    version: 1,
    attesters: [
      ...uploaders.map((user) => ({ user, group: `${user}.example` })),
      ...attesters.map(({ name, key }) => ({ key: keyIdOf(key), name, group: `${name}.example` })),
    ],
    rules: [
      { jobs: ['dns-*', 'tls-*'], groups: 2 },
      { jobs: ['*'], groups: 1 },
    ],
    exempt: [{ job: 'zone-tool', reason: 'it has the time of its build in it' }],
  }
  writeFileSync(join(configDir, 'policy.json'), `${JSON.stringify(policy, null, 2)}\n`)
}
