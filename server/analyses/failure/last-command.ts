import type { ReadLine } from './console-lines.ts'
import { tracedCommand } from './progress-signs.ts'

/**
 * What a build was doing when its console ended. `command`: the last command that the console shows, at most 100
 * characters. `line`: where. `seconds` since the start of the build, of the command and of the last line of
 * the console; null where lines have no times.
 */
export type LastCommand = {
  command: string
  line: number
  startedSeconds: number | null
  lastSeconds: number | null
}

const mostCharacters = 100

/** The last command that a shell, opam or dune shows; null when none does. */
export function findLastCommand(lines: readonly ReadLine[]): LastCommand | null {
  const at = lines.findLastIndex(({ bare }) => commandOf(bare) !== null)
  const line = lines[at]
  const command = line && commandOf(line.bare)
  if (!line || !command) return null
  return {
    command: command.length > mostCharacters ? `${command.slice(0, mostCharacters)} …` : command,
    line: line.number,
    startedSeconds: line.seconds,
    lastSeconds: lines.findLast(({ said }) => said !== '')?.seconds ?? null,
  }
}

function commandOf(bare: string): string | null {
  const traced = tracedCommand(bare)?.replace(/ \(CWD=[^)]*\)$/, '')
  if (traced && !/^(?:exit|return)\b/.test(traced)) return traced
  const dune = /^Running\[\d+\]: \(cd \S+ && (.{1,400})\)$/.exec(bare)?.[1]
  if (dune) return dune
  // opam's line of what it does at the moment: `Processing  3/5: [re: dune build]`.
  return /^Processing +\d+\/\d+: \[(.{1,400})\]$/.exec(bare)?.[1] ?? null
}
