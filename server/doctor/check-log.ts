import type { Config } from '../config.ts'
import type { Reader } from '../database/reader.ts'
import { headAndRefusal } from '../transparency/check-head.ts'
import { originOf } from '../transparency/log-head.ts'
import { ok, problem, warning, type Finding } from './check.ts'

/** Whether the log may grow, and has the name of the site. */
export async function checkLog(
  db: Reader,
  config: Pick<Config, 'dataDir' | 'signing' | 'publicUrl' | 'host' | 'port'>,
): Promise<Finding[]> {
  if (config.signing === 'off') return []
  const { head, refusal } = await headAndRefusal(db, config.dataDir)
  if (!head) return []
  if (refusal !== null) return [problem(refusal)]
  if (config.publicUrl !== '' && head.origin !== originOf(config, head.number))
    return [
      warning(
        `the log is called ${head.origin}, which is no longer the address of the site: that does no harm. ` +
          '"hub log reset --new-origin" begins one with the new address',
      ),
    ]
  return [ok(`the log has ${head.size} entries, and is what was published`)]
}
