import type { Command } from 'commander'
import { ioOf } from './command-io.ts'
import { confirm } from './confirm.ts'
import { jsonText } from './json-text.ts'
import { applyRetentionAt, describeForecast, forecastRetentionAt } from './remote/retention.ts'
import type { RemoteSite } from './remote/remote-site.ts'

type Options = { file?: string; dryRun: boolean; json: boolean; yes: boolean }

/** `hub vacuum policy --hub`: the server of the site applies the policy that it has. */
export async function applyPolicyAt(
  site: RemoteSite,
  command: Command,
  { file, dryRun, json, yes }: Options,
): Promise<void> {
  if (file !== undefined)
    command.error('error: a site elsewhere applies the policy that it has: leave --file out')
  const io = ioOf(command)
  if (dryRun) {
    const forecast = await forecastRetentionAt(site)
    io.stdout.write(json ? jsonText({ isDryRun: true, ...forecast }) : describeForecast(forecast))
    return
  }
  if (!yes && io.stdin.isTTY === true) {
    const forecast = await forecastRetentionAt(site)
    io.stderr.write(describeForecast(forecast))
    if (forecast.removedCount > 0) await confirm(io, yes, 'Apply the retention policy?')
  }
  await applyRetentionAt(site)
  io.stdout.write(json ? jsonText({ isDryRun: false, isQueued: true }) : 'the site applies its policy now\n')
}
