// Rewrites the generated Prisma types so that each table's ids have a type of their own
// (server/ids.ts). Prisma types every id as `number`, so the id of a job could be used to look up a build.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, '../server/generated/prisma/models')

const foreignKeys = {
  jobId: 'JobId',
  platformId: 'PlatformId',
  buildId: 'BuildId',
  newestBuildId: 'BuildId',
  newestSuccessId: 'BuildId',
  newestMainBinaryId: 'BuildId',
  firstBuildId: 'BuildId',
  lastBuildId: 'BuildId',
  doneJobId: 'JobId',
  mainBinaryId: 'ArtifactId',
  userId: 'UserId',
  uploaderId: 'UserId',
}

for (const file of readdirSync(folder)) {
  const path = join(folder, file)
  const brands = { ...foreignKeys, id: `${file.replace('.ts', '')}Id` }
  const source = readFileSync(path, 'utf8')
  if (source.includes('/ids.ts')) continue
  const branded = source.replace(
    /^(\s+)(\w+)(\??: )(.*\bnumber\b.*)$/gm,
    (line, indent, key, colon, type) => {
      const brand = brands[key]
      if (!brand) return line
      const narrowed = type
        .replace(/Prisma\.IntFilter<"\w+">/, `ids.IdFilter<ids.${brand}>`)
        .replace(/Prisma\.IntNullableFilter<"\w+">/, `ids.IdFilter<ids.${brand} | null>`)
        .replace(/\bnumber\b/g, `ids.${brand}`)
      return indent + key + colon + narrowed
    },
  )
  // The import is at the end, because the first lines of the file switch off the type checker.
  writeFileSync(path, `${branded}\nimport type * as ids from '../../../ids.ts'\n`)
}
