import { readFileSync } from 'node:fs'
import { BadConfigError, type Config } from '../config.ts'
import { readIdentityFile } from '../settings/identity-file.ts'
import { ok, problem, type Finding } from './check.ts'

/** Whether the server can read the file of `--identity-file`, and the secret that it names, if it has one. */
export function checkIdentity({ identityFile }: Pick<Config, 'identityFile'>): Finding[] {
  if (identityFile === '') return []
  try {
    const { signIn } = readIdentityFile(identityFile)
    const secretFile = signIn?.clientSecretFile ?? null
    if (secretFile !== null) readFileSync(secretFile)
    return [ok(`the identity file ${identityFile} is valid`)]
  } catch (error) {
    if (error instanceof BadConfigError) return [problem(error.message.replace(/\n\s*/g, ' '))]
    const why = error instanceof Error ? error.message : String(error)
    return [problem(`${identityFile}: the client secret cannot be read, and nobody signs in by it: ${why}`)]
  }
}
