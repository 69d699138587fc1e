import type { Command } from 'commander'
import type { Database } from '../../database/connections.ts'
import { withDatabase } from '../with-database.ts'
import { remoteSiteOf, type RemoteSite } from './remote-site.ts'

/**
 * What a command reads or does: at the site of `--hub` as `remote` says, else in the data directory as `local` says. `isCreated` as
 * of `withDatabase`.
 */
export async function onSite<Result>(
  command: Command,
  {
    remote,
    local,
    isCreated = false,
  }: {
    remote: (site: RemoteSite) => Promise<Result>
    local: (database: Database) => Promise<Result>
    isCreated?: boolean
  },
): Promise<Result> {
  const site = remoteSiteOf(command)
  return site ? remote(site) : withDatabase(command, local, { isCreated })
}
