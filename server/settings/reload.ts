import { settings, type Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { requestPublishing } from '../repositories/request-publishing.ts'
import { noteConfiguration } from './note-configuration.ts'

/** What reading the configuration again has done, by names of `settings`. */
export type Reloaded = { taken: string[]; needsRestart: string[] }

/**
 * Takes the settings of `next` that a running server can take. Answers that were computed with the former ones are
 * forgotten. The others stay as they are until the next start.
 */
export async function reloadConfig(
  { clock, config, log, writer }: Pick<Deps, 'clock' | 'config' | 'log' | 'writer'>,
  next: Config,
): Promise<Reloaded> {
  const changed = settings.filter(({ name }) => config[name] !== next[name])
  const taken = changed.filter(({ isReloadable }) => isReloadable).map(({ name }) => name)
  Object.assign(config, Object.fromEntries(taken.map((name) => [name, next[name]])))
  // The same value may come from another place now.
  for (const { name } of settings) if (config[name] === next[name]) config.sources[name] = next.sources[name]
  log.level = config.logLevel
  // Every answer may depend on a setting.
  if (taken.length > 0) await writer.transact(['facts'], () => Promise.resolve())
  if (taken.includes('repositoriesFile'))
    await writer.transact(['tasks'], (tx) => requestPublishing(tx, clock.now()))
  await noteConfiguration({ clock, config, writer })
  return { taken, needsRestart: changed.filter(({ isReloadable }) => !isReloadable).map(({ name }) => name) }
}
