import { settings, type Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { judgeAllTask } from '../policy/judge-task.ts'
import { readSitePolicy } from '../policy/site-policy.ts'
import { requestPublishing } from '../repositories/request-publishing.ts'
import { enqueue } from '../runner/enqueue.ts'
import { noteConfiguration } from './note-configuration.ts'

/** What reading the configuration again has done, by names of `settings`, and `policy` for policy.json. */
export type Reloaded = { taken: string[]; needsRestart: string[] }

/**
 * Takes the settings of `next` that a running server can take. Answers that were computed with the former ones are
 * forgotten. The others stay as they are until the next start. Reads the policy again. Throws BadConfigError if it has faults.
 */
export async function reloadConfig(
  { clock, config, log, writer }: Pick<Deps, 'clock' | 'config' | 'log' | 'writer'>,
  next: Config,
): Promise<Reloaded> {
  const hasOtherPolicy = readSitePolicy(config)
  const changed = settings.filter(({ name }) => config[name] !== next[name])
  const taken = changed.filter(({ isReloadable }) => isReloadable).map(({ name }) => name)
  Object.assign(config, Object.fromEntries(taken.map((name) => [name, next[name]])))
  // The same value may come from another place now.
  for (const { name } of settings) if (config[name] === next[name]) config.sources[name] = next.sources[name]
  log.level = config.logLevel
  // Every answer may depend on a setting, and on the policy.
  if (taken.length > 0 || hasOtherPolicy) await writer.transact(['facts'], () => Promise.resolve())
  if (taken.includes('repositoriesFile'))
    await writer.transact(['tasks'], (tx) => requestPublishing(tx, clock.now()))
  if (hasOtherPolicy) await writer.transact(['tasks'], (tx) => enqueue(tx, [judgeAllTask], clock.now()))
  await noteConfiguration({ clock, config, writer })
  const needsRestart = changed.filter(({ isReloadable }) => !isReloadable).map(({ name }) => name)
  return { taken: hasOtherPolicy ? [...taken, 'policy'] : taken, needsRestart }
}
