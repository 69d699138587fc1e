import { BadConfigError } from '../config.ts'
import type { Deps } from '../deps.ts'
import { readIdentityFile, type SignInSettings } from '../settings/identity-file.ts'

/** The site that signs people in, and whether it may have a private address. */
export type SignInSite = { signIn: SignInSettings; allowsPrivate: boolean }

/**
 * The site that signs people in; null: there is none. The file is read each time, so that a change counts at once. A fault of it
 * is in the log, and does not keep people from signing in by passwords.
 */
export function findSignInSettings({ config, log }: Pick<Deps, 'config' | 'log'>): SignInSite | null {
  try {
    const { allowsPrivateIssuers: allowsPrivate, signIn } = readIdentityFile(config.identityFile)
    return signIn && { signIn, allowsPrivate }
  } catch (error) {
    if (!(error instanceof BadConfigError)) throw error
    log.error({ err: error }, 'people cannot sign in at another site')
    return null
  }
}
