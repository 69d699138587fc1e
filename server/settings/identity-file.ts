import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { BadConfigError } from '../config.ts'
import { roles, type Role } from '../users/rights.ts'

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

const isNotEmpty = { error: 'it must not be empty' }

const SignIn = z
  .strictObject({
    /** Exactly as its metadata have it. */
    issuer: z.url({ protocol: /^https?$/, error: 'it must be an http or https address' }),
    'client-id': z.string().min(1, isNotEmpty),
    /** Relative to the folder of the identity file. Without one the client is a public one. */
    'client-secret-file': z.string().min(1, isNotEmpty).optional(),
    /** What the button says after "Sign in with". */
    name: z.string().regex(/^[^\p{Cc}]{1,100}$/u, 'it must have 1 to 100 characters, in one line'),
    scope: z.string().default('openid profile'),
    'name-claim': z.string().min(1, isNotEmpty).default('preferred_username'),
    'roles-claim': z.string().min(1, isNotEmpty).optional(),
    /** Roles by what `roles-claim` has; `*`: of everybody else. */
    roles: z
      .record(
        z.string().min(1),
        z
          .string()
          .transform((text) => text.toUpperCase())
          .pipe(z.enum(roles)),
      )
      .default({}),
    /** Whether somebody who is new here becomes a user. */
    create: z.boolean().default(false),
  })
  .refine((one) => (one['roles-claim'] === undefined) === (Object.keys(one.roles).length === 0), {
    error: 'roles-claim and roles need each other',
  })
  .refine(({ scope }) => scope.split(' ').includes('openid'), {
    error: 'it must have the scope openid',
    path: ['scope'],
  })

const Identity = z.strictObject({
  'allow-private-issuers': z.boolean().default(false),
  'trusted-publishers': z.array(TrustedPublisher).default([]),
  'sign-in': SignIn.optional(),
})

export type TrustedPublisher = z.infer<typeof TrustedPublisher>

/** The site that signs people in. `clientSecretFile`: absolute; null: a public client. `rolesClaim` null: roles stay as they are. */
export type SignInSettings = {
  issuer: string
  clientId: string
  clientSecretFile: string | null
  name: string
  scope: string
  nameClaim: string
  rolesClaim: string | null
  roles: Readonly<Record<string, Role>>
  create: boolean
}

/** `signIn` null: people sign in by passwords alone. */
export type Identity = {
  /** Whether issuers may have private addresses, and plain http: for an intranet. */
  allowsPrivateIssuers: boolean
  trustedPublishers: readonly TrustedPublisher[]
  signIn: SignInSettings | null
}

export const noIdentity: Identity = { allowsPrivateIssuers: false, trustedPublishers: [], signIn: null }

const read = new Map<string, { version: string; identity: Identity }>()

/**
 * The file of `--identity-file`; `path` empty: nothing is configured. It is read again when it has changed: anybody can make the
 * server ask for it. Throws BadConfigError.
 */
export function readIdentityFile(path: string): Identity {
  if (path === '') return noIdentity
  let version
  let text
  try {
    const { ino, mtimeNs, ctimeNs, size } = statSync(path, { bigint: true })
    version = [ino, mtimeNs, ctimeNs, size].join()
    const known = read.get(path)
    if (known?.version === version) return known.identity
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new BadConfigError(
      `the identity file cannot be read: ${error instanceof Error ? error.message : path}`,
    )
  }
  const identity = parseIdentity(text, path)
  read.set(path, { version, identity })
  return identity
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
  const signIn = found['sign-in']
  for (const { issuer } of [...found['trusted-publishers'], ...(signIn ? [signIn] : [])])
    if (!isPrivate && !issuer.startsWith('https:'))
      throw new BadConfigError(`${path}: the issuer ${issuer} needs https, or allow-private-issuers = true`)
  return {
    allowsPrivateIssuers: isPrivate,
    trustedPublishers: found['trusted-publishers'],
    signIn: signIn ? settingsOf(signIn, dirname(path)) : null,
  }
}

function settingsOf(table: z.infer<typeof SignIn>, folder: string): SignInSettings {
  const secretFile = table['client-secret-file']
  return {
    issuer: table.issuer,
    clientId: table['client-id'],
    clientSecretFile: secretFile === undefined ? null : resolve(folder, secretFile),
    name: table.name,
    scope: table.scope,
    nameClaim: table['name-claim'],
    rolesClaim: table['roles-claim'] ?? null,
    roles: table.roles,
    create: table.create,
  }
}
