import DataLoader from 'dataloader'
import type { Deps } from '../deps.ts'
import { perOperation } from '../per-operation.ts'

type Loading = Pick<Deps, 'damage'>

const damageLoader = perOperation(
  ({ damage }: Loading) =>
    new DataLoader<string, boolean>(async (hashes) => {
      const marks = await damage.find(hashes)
      return hashes.map((sha256) => marks.has(sha256))
    }),
)

/** Whether content is marked as damaged. One statement for all that an operation selects; none if there is no mark. */
export function loadDamage(context: Loading, sha256: string): Promise<boolean> {
  return damageLoader(context).load(sha256)
}
