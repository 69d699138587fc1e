/**
 * Lines that begin a step: commands that the shell traces, and what opam and orb say of their parts. Of the packages of opam, there is a step for
 * all of them: hundreds of lines say the same.
 */
export const stepPattern =
  /^\++ \S|^<><>[ <>]*\S|^The following actions will be performed|^orb: \[INFO\] |^#=== ERROR|^-----+ *\S.*-----+$/

/** Lines that tell of an error. */
export const errorPattern =
  /\[ERROR\]|\b(?:[Ee]rror|ERROR|[Ff]atal|FATAL|FAIL(?:ED)?|[Ee]xception|Killed)\b(?!\s*[:=]?\s*0\b)|command not found|No such file or directory/

/** A step of a build: the row that begins it, from 0, and how long it took in seconds. Null: its lines have no times. */
export type Step = { row: number; title: string; seconds: number | null; durationSeconds: number | null }

/** More are not listed: what prints so many marks prints no steps. */
export const maxSteps = 500
const maxTitle = 200

type Rows = { plain: (row: number) => string; row: (row: number) => { seconds: string | null } }

/** The steps that begin in rows. A step ends where the next one begins, or with the last row that has a time. */
export function stepsOf(log: Rows, rows: readonly number[], rowCount: number): Step[] {
  const shown = rows.slice(0, maxSteps)
  const times = [...shown, rowCount].map((row, index) =>
    index === shown.length ? timeBefore(log, rowCount) : timeAt(log, row, rowCount),
  )
  return shown.map((row, index) => {
    const [seconds, end] = [times[index] ?? null, times[index + 1] ?? null]
    return {
      ...{ row, title: titleOf(log.plain(row)), seconds },
      durationSeconds: seconds === null || end === null ? null : Math.max(0, end - seconds),
    }
  })
}

const titleOf = (line: string) =>
  line
    .replaceAll(/[<>]{2,}/g, '')
    .replace(/^[-=#+ ]+|[-=# ]+$/g, '')
    .slice(0, maxTitle)

/** Rows without a time follow one that has it: some dozen are looked at. */
const maxLook = 50

function timeAt(log: Rows, row: number, rowCount: number): number | null {
  for (let at = row; at < Math.min(row + maxLook, rowCount); at++) {
    const { seconds } = log.row(at)
    if (seconds !== null) return Number(seconds)
  }
  return null
}

function timeBefore(log: Rows, row: number): number | null {
  for (let at = row - 1; at >= Math.max(0, row - maxLook); at--) {
    const { seconds } = log.row(at)
    if (seconds !== null) return Number(seconds)
  }
  return null
}
