import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { byServer } from '../../../server/audit/actor.ts'
import { readConfig } from '../../../server/config.ts'
import { startServer, type RunningServer } from '../../../server/start-server.ts'
import { createToken } from '../../../server/users/tokens.ts'
import { updateUser } from '../../../server/users/update-user.ts'
import { alice, projectDir } from '../../app.ts'
import { hub, type Outcome } from '../../hub.ts'
import { copyTemplate } from '../../template.ts'

export type Run = (...args: string[]) => Promise<Outcome>

export type SiteOfCommands = {
  server: RunningServer
  /** The data directory. */
  dir: string
  /** A data directory that nothing must make. */
  nowhere: string
  /** File with a token of alice, an administrator. */
  tokenFile: string
  /** A command on the data directory. */
  local: Run
  /** The same by the API of the site, as alice. */
  remote: Run
  /** A file with a token of alice with these scopes. */
  tokenWith: (...scopes: string[]) => Promise<string>
  stop: () => Promise<void>
}

/**
 * A real server on a data directory, which commands reach both ways. Its directory is gone after `stop`. `files`: what the configuration
 * directory has, by name.
 */
export async function siteOfCommands(
  env: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<SiteOfCommands> {
  const dir = mkdtempSync(join(tmpdir(), 'builder-hub-test-'))
  const configDir = join(dir, 'config')
  mkdirSync(configDir)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(configDir, name), text)
  copyTemplate(join(dir, 'builder-hub.sqlite3'))
  const given = { BUILDER_HUB_CONFIG_DIR: configDir, BUILDER_HUB_SIGNING: 'off', ...env }
  const config = readConfig({
    ...{ ...given, BUILDER_HUB_DATA_DIR: dir, BUILDER_HUB_PORT: '0', BUILDER_HUB_LOG_LEVEL: 'silent' },
  })
  const server = await startServer(config, projectDir, { authenticating: { scryptN: 256 } })
  const { writer } = server.deps
  await updateUser(writer, byServer(), alice.name, { role: 'ADMIN' })
  let tokenCount = 0
  async function tokenWith(...scopes: string[]) {
    const name = `token-${++tokenCount}`
    const { text } = await createToken(writer, byServer(), { userName: alice.name, name, scopes })
    writeFileSync(join(dir, name), `${text}\n`)
    return join(dir, name)
  }
  const tokenFile = await tokenWith('admin', 'admin:read', 'schedule', 'read')
  const nowhere = join(dir, 'nowhere')
  return {
    ...{ server, dir, nowhere, tokenFile, tokenWith },
    async stop() {
      await server.stop()
      rmSync(dir, { recursive: true, force: true })
    },
    local: (...args) => hub([...args, '--data-dir', dir], { env: given }),
    // What a test names, too, comes later, and counts.
    remote: (...args) =>
      hub(['--hub', server.url, '--token-file', tokenFile, '--data-dir', nowhere, ...args]),
  }
}
