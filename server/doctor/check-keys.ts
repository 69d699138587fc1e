import { statSync } from 'node:fs'
import type { Reader } from '../database/reader.ts'
import { keyIdOf } from '../formats/signing/keys.ts'
import { KeyFileError, readKeyFile } from '../signing/key-files.ts'
import { keyPurposes } from '../signing/key-purpose.ts'
import { isCurrent, listKeys } from '../signing/list-keys.ts'
import { fileOfKey, type SigningConfig } from '../signing/site-keys.ts'
import { ok, problem, warning, type Finding } from './check.ts'

/** Whether the private keys are there, belong to the public ones that the site has published, and are for the server alone. */
export async function checkKeys(db: Reader, config: SigningConfig): Promise<Finding[]> {
  if (config.signing === 'off') return [ok('the site signs no statements: --signing is off')]
  const published = (await listKeys(db)).filter(isCurrent)
  if (published.length === 0) return []
  const found = keyPurposes.flatMap((purpose): Finding[] => {
    const file = fileOfKey(config, purpose)
    try {
      const key = readKeyFile(file, purpose)
      if (key === null)
        return [
          problem(
            `the private key ${file} is missing: bring it back from your own copy (backups have no keys), ` +
              'or revoke it by "hub key revoke", and the server makes a new one',
          ),
        ]
      return published.some(({ keyId }) => keyId === keyIdOf(key))
        ? []
        : [warning(`the key in ${file} is not published yet: the server does so at its next start`)]
    } catch (error) {
      if (error instanceof KeyFileError) return [problem(error.message)]
      throw error
    }
  })
  if (found.length > 0) return found
  const { uid } = statSync(fileOfKey(config, 'ATTEST'))
  const self = process.getuid?.()
  return self !== undefined && self !== 0 && uid !== self
    ? [problem('the keys belong to another user: run this as the user of the server')]
    : [ok('the site signs with its keys, which are for the user of the server alone')]
}
