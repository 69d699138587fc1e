import { join } from 'node:path'

/** The settings of the site that several processes open, one after the other. */
export const settingsOf = (dataDir: string, databaseUrl: string): Record<string, string> => ({
  BUILDER_HUB_DATA_DIR: dataDir,
  BUILDER_HUB_DATABASE_URL: databaseUrl,
  BUILDER_HUB_REPOSITORIES_FILE: join(dataDir, 'repositories.toml'),
  BUILDER_HUB_LOG_LEVEL: 'silent',
})
