import { readFileSync } from 'node:fs'
import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { BadConfigError } from '../config.ts'
import { isJobOf } from '../users/scopes.ts'

const line = z.string().regex(/^[^\p{Cc}]{1,200}$/u, 'it must have 1 to 200 characters, in one line')
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.+~-]{0,99}$/, 'it must be letters, digits, and .+~-')

const common = {
  /** Platforms whose builds make its packages. Default: the one of the same name. */
  platforms: z.array(line).min(1).optional(),
  /** Jobs whose builds make its packages; `*` stands for any characters. */
  jobs: z.array(line).min(1).default(['*']),
  /** How many versions of each package there are, the newest first. */
  keep: z.int().min(1).max(1_000).default(5),
  /** Only packages that several builds have given, and no build of the same input another one. */
  'only-reproduced': z.boolean().default(false),
  /** Only packages that the policy of the site trusts (server/policy). */
  'only-trusted': z.boolean().default(false),
}

const Apt = z.strictObject({
  ...common,
  suite: word.optional(),
  component: word.default('main'),
  architectures: z
    .array(z.string().regex(/^[a-z0-9-]{1,50}$/))
    .min(1)
    .optional(),
  origin: line.default('Builder Hub'),
  label: line.optional(),
  'valid-days': z.int().min(0).max(3_650).default(14),
})

const Pkg = z.strictObject(common)

const names = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.:_+-]{0,99}$/, 'a name has letters, digits, and .:_+-')

const Repositories = z.strictObject({
  apt: z.record(names, Apt).default({}),
  pkg: z.record(names, Pkg).default({}),
})

type Common = {
  /** What its addresses begin with: `apt/debian-12`. */
  name: string
  platforms: readonly string[]
  jobs: readonly string[]
  keep: number
  isOnlyReproduced: boolean
  isOnlyTrusted: boolean
}

export type AptRepository = Common & {
  kind: 'APT'
  suite: string
  component: string
  /** null: those of its packages. */
  architectures: readonly string[] | null
  origin: string
  label: string
  /** 0: for ever. */
  validDays: number
}

/** `abi`: as FreeBSD's `pkg config ABI` prints it. */
export type PkgRepository = Common & { kind: 'PKG'; abi: string }

export type RepositoryDefinition = AptRepository | PkgRepository

/** The repositories of `--repositories-file`; `path` empty: none. Throws BadConfigError. */
export function readRepositoriesFile(path: string): RepositoryDefinition[] {
  if (path === '') return []
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new BadConfigError(
      `the file of package repositories cannot be read: ${error instanceof Error ? error.message : path}`,
    )
  }
  return parseRepositories(text, path)
}

/** As `readRepositoriesFile`; `path` is for messages. */
export function parseRepositories(text: string, path: string): RepositoryDefinition[] {
  let table
  try {
    table = parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    throw new BadConfigError(`${path}, line ${error.line}, column ${error.column}: it is not TOML`)
  }
  const parsed = Repositories.safeParse(table)
  if (!parsed.success) {
    const lines = parsed.error.issues.map(
      ({ path: at, message }) => `  ${at.map(String).join('.')}: ${message}`,
    )
    throw new BadConfigError(`${path} has faults:\n${lines.join('\n')}`)
  }
  const { apt, pkg } = parsed.data
  return [
    ...Object.entries(apt).map(([name, one]): AptRepository => ({
      kind: 'APT',
      ...commonOf(`apt/${name}`, name, one),
      suite: one.suite ?? name,
      component: one.component,
      architectures: one.architectures ?? null,
      origin: one.origin,
      label: one.label ?? one.origin,
      validDays: one['valid-days'],
    })),
    ...Object.entries(pkg).map(([abi, one]): PkgRepository => ({
      kind: 'PKG',
      abi,
      ...commonOf(`pkg/${abi}`, abi, one),
    })),
  ]
}

function commonOf(name: string, platform: string, one: z.infer<typeof Pkg>): Common {
  return {
    name,
    platforms: one.platforms ?? [platform],
    jobs: one.jobs,
    keep: one.keep,
    isOnlyReproduced: one['only-reproduced'],
    isOnlyTrusted: one['only-trusted'],
  }
}

/** Whether packages of this job and platform are in the repository. */
export function takesFrom(
  { jobs, platforms }: Pick<RepositoryDefinition, 'jobs' | 'platforms'>,
  job: string,
  platform: string,
): boolean {
  return platforms.includes(platform) && jobs.some((pattern) => isJobOf(pattern, job))
}
