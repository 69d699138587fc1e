import type { Config } from '../config.ts'
import { counted } from '../counted.ts'
import type { Reader } from '../database/reader.ts'
import { readMirrorState } from '../imports/remote/mirror-progress.ts'
import { ok, warning, type Finding } from './check.ts'

/** Whether the builds of another site are copied, if the settings say so. */
export async function checkMirror(db: Reader, { mirrorUrl }: Pick<Config, 'mirrorUrl'>): Promise<Finding[]> {
  if (mirrorUrl === '') return []
  const { error, last } = await readMirrorState(db)
  if (error !== null) return [warning(`${mirrorUrl} cannot be mirrored: ${error}`)]
  if (last?.url !== mirrorUrl) return [warning(`${mirrorUrl} was not mirrored yet: the server does it`)]
  return last.refusedCount > 0
    ? [
        warning(
          `refused ${counted(last.refusedCount, 'build')} of ${mirrorUrl}: "hub tasks status" names some`,
        ),
      ]
    : [ok(`${mirrorUrl} was mirrored at ${last.finishedAt.toISOString()}`)]
}
