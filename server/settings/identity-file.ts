import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { BadConfigError } from '../config.ts'

const TrustedPublisher = z.strictObject({
  /** Exactly as the tokens have it. */
  issuer: z.url({ protocol: /^https?$/, error: 'it must be an http or https address' }),
  audience: z.string().min(1),
  /** The user who is said to upload. */
  user: z.string().min(1),
  /** As in the scope `upload:JOB` of a token. */
  jobs: z.array(z.string().regex(/^[^\p{Cc}]{1,1000}$/u)).min(1),
  /** What the token has to claim: at least one claim, or every project of the issuer could upload. `*` stands for any characters. */
  claims: z
    .record(z.string().min(1), z.string().min(1))
    .refine((claims) => Object.keys(claims).length > 0, { error: 'it must name at least one claim' }),
})

const Identity = z.strictObject({
  'allow-private-issuers': z.boolean().default(false),
  'trusted-publishers': z.array(TrustedPublisher).default([]),
  // Its reader is that of signing in.
  'sign-in': z.unknown().optional(),
})

export type TrustedPublisher = z.infer<typeof TrustedPublisher>

/** `signIn`: the table `[sign-in]`, not checked; undefined: there is none. */
export type Identity = {
  /** Whether issuers may have private addresses, and plain http: for an intranet. */
  allowsPrivateIssuers: boolean
  trustedPublishers: readonly TrustedPublisher[]
  signIn: unknown
}

export const noIdentity: Identity = { allowsPrivateIssuers: false, trustedPublishers: [], signIn: undefined }

/** The file of `--identity-file`; `path` empty: nothing is configured. Throws BadConfigError. */
export function readIdentityFile(path: string): Identity {
  if (path === '') return noIdentity
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new BadConfigError(
      `the identity file cannot be read: ${error instanceof Error ? error.message : path}`,
    )
  }
  return parseIdentity(text, path)
}

/** As `readIdentityFile`; `path` is for messages. */
export function parseIdentity(text: string, path: string): Identity {
  let table
  try {
    table = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new BadConfigError(`${path}, line ${error.line}, column ${error.column}: it is not TOML`)
  }
  const parsed = Identity.safeParse(table)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path: at, message }) => `  ${at.map(String).join('.')}: ${message}`,
    )
    throw new BadConfigError(`${path} has faults:\n${lines.join('\n')}`)
  }
  const found = parsed.data
  const isPrivate = found['allow-private-issuers']
  for (const { issuer } of found['trusted-publishers'])
    if (!isPrivate && !issuer.startsWith('https:'))
      throw new BadConfigError(`${path}: the issuer ${issuer} needs https, or allow-private-issuers = true`)
  return {
    allowsPrivateIssuers: isPrivate,
    trustedPublishers: found['trusted-publishers'],
    signIn: found['sign-in'],
  }
}
