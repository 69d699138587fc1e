import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Act } from '../audit/actor.ts'
import { recordAudit } from '../audit/record-audit.ts'
import { errorCode } from '../blobs/storage-full.ts'
import type { Reader } from '../database/reader.ts'
import type { Deps } from '../deps.ts'
import { InvalidScheduleError, TemplateNotFoundError } from './errors.ts'
import { checkPlatform } from './schedule-input.ts'

/** BUILD: of opam packages. REBUILD: of builds that are repeated from their recorded inputs. */
export const templateKinds = ['BUILD', 'REBUILD'] as const
export type TemplateKind = (typeof templateKinds)[number]

/** Names of the files in the configuration folder begin so; the platform follows. */
export const templatePrefix: Record<TemplateKind, string> = {
  BUILD: 'orb-build.template.',
  REBUILD: 'orb-rebuild.template.',
}

/** Where a template is from: a file wins over the database. */
export type FoundTemplate = { content: string; source: 'FILE' | 'DATABASE' }

const maxTemplateBytes = 2 ** 20

type TemplateDeps = Pick<Deps, 'db'> & { config: Pick<Deps['config'], 'configDir'> }

/** The template of a platform; null: there is none. A file is read anew at each call. */
export async function findTemplate(
  { db, config }: TemplateDeps,
  kind: TemplateKind,
  platform: string,
): Promise<FoundTemplate | null> {
  const ofFile = await readOrNull(join(config.configDir, `${templatePrefix[kind]}${platform}`))
  if (ofFile !== null) return { content: ofFile, source: 'FILE' }
  const content = await newestContent(db, kind, platform)
  return content === null ? null : { content, source: 'DATABASE' }
}

async function readOrNull(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    // ENAMETOOLONG: a platform may have a name that no file can have.
    if (['ENOENT', 'ENAMETOOLONG'].includes(errorCode(error) ?? '')) return null
    throw error
  }
}

async function newestContent(db: Reader, kind: TemplateKind, platform: string): Promise<string | null> {
  const newest = await db.template.findFirst({
    where: { kind, platform },
    orderBy: { version: 'desc' },
    select: { content: true },
  })
  return newest?.content ?? null
}

/** The platforms that have a template of that kind, in the order of their names. */
export async function listTemplatePlatforms(
  { db, config }: TemplateDeps,
  kind: TemplateKind,
): Promise<{ platform: string; source: 'FILE' | 'DATABASE' }[]> {
  const prefix = templatePrefix[kind]
  const files = (await readFolder(config.configDir)).filter((name) => name.startsWith(prefix))
  const ofFiles = new Set(files.map((name) => name.slice(prefix.length)))
  // Contents are large, and their history is long: no content is read.
  const [newest, removals] = await Promise.all([
    db.template.groupBy({ by: ['platform'], where: { kind }, _max: { version: true } }),
    db.template.groupBy({ by: ['platform'], where: { kind, content: null }, _max: { version: true } }),
  ])
  const removedAt = new Map(removals.map(({ platform, _max }) => [platform, _max.version]))
  const ofDatabase = newest.flatMap(({ platform, _max }) =>
    removedAt.get(platform) === _max.version || ofFiles.has(platform) ? [] : [platform],
  )
  return [
    ...[...ofFiles].map((platform) => ({ platform, source: 'FILE' as const })),
    ...ofDatabase.map((platform) => ({ platform, source: 'DATABASE' as const })),
  ].sort((one, other) => (one.platform < other.platform ? -1 : 1))
}

async function readFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Writes a new version of a template into the database. Throws InvalidScheduleError. */
export async function setTemplate(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { kind, platform, content }: { kind: TemplateKind; platform: string; content: string },
): Promise<void> {
  checkPlatform(platform)
  const sizeBytes = Buffer.byteLength(content)
  if (sizeBytes === 0 || sizeBytes > maxTemplateBytes)
    throw new InvalidScheduleError(
      `the template has ${sizeBytes} bytes: 1 to ${maxTemplateBytes} are allowed`,
    )
  await writer.transact(['schedule'], async (tx) => {
    const version = await nextVersion(tx, kind, platform)
    await tx.template.create({ data: { kind, platform, version, content, at, actor: actor.name } })
    const detail = { kind, version }
    await recordAudit(tx, { at, actor, action: 'template.set', target: platform, detail })
  })
}

/** Removes a template from the database; its history stays. Throws TemplateNotFoundError. */
export async function removeTemplate(
  { writer }: Pick<Deps, 'writer'>,
  { actor, at }: Act,
  { kind, platform }: { kind: TemplateKind; platform: string },
): Promise<void> {
  await writer.transact(['schedule'], async (tx) => {
    if ((await newestContent(tx, kind, platform)) === null)
      throw new TemplateNotFoundError(`there is no template for ${platform} in the database`)
    const version = await nextVersion(tx, kind, platform)
    await tx.template.create({ data: { kind, platform, version, content: null, at, actor: actor.name } })
    await recordAudit(tx, { at, actor, action: 'template.remove', target: platform, detail: { kind } })
  })
}

async function nextVersion(db: Reader, kind: TemplateKind, platform: string): Promise<number> {
  const { _max } = await db.template.aggregate({ where: { kind, platform }, _max: { version: true } })
  return (_max.version ?? 0) + 1
}

/** The template with all `%%NAME%%` replaced, as text, unquoted. */
export function renderTemplate(content: string, values: Readonly<Record<string, string>>): Uint8Array {
  const text = Object.entries(values).reduce(
    (rendered, [name, value]) => rendered.replaceAll(`%%${name}%%`, () => value),
    content,
  )
  return Buffer.from(text)
}
