import { counted } from '../counted.ts'
import type { MirrorPass, MirrorState } from '../imports/remote/mirror-progress.ts'
import { visibleText } from '../visible-text.ts'

/** Nothing where no site was ever mirrored. */
export function printMirror({ running, last, error }: MirrorState): string {
  const countsOf = ({ url, imported, present, removed, refusedCount }: MirrorPass) =>
    `${url}: ${counted(imported, 'build')} imported, ${present} there already, ${removed} removed here before, ${refusedCount} refused`
  const lines = [
    ...(running ? [`mirror, since ${running.startedAt.toISOString()}: ${countsOf(running)}`] : []),
    ...(error === null ? [] : [`mirror, is tried again: ${error}`]),
    ...(last ? [`mirror, ended ${last.finishedAt.toISOString()}: ${countsOf(last)}`] : []),
    ...(last?.refused ?? []).map(({ name, reason }) => `  refused: ${name}: ${reason}`),
  ]
  return lines.map((line) => `${visibleText(line)}\n`).join('')
}
