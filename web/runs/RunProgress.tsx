import { formatDuration } from '../ui/duration.ts'
import { useSecond } from '../ui/now.ts'

/** `12 s`, `7m 02s`: a clock that ticks shows no fractions. */
function wholeSeconds(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000)
}

/** The time that a run has taken, beside what its job usually takes on the platform. */
export function RunProgress({ startedAt, medianMs }: { startedAt: string; medianMs: number | null }) {
  const elapsedMs = Math.max(0, useSecond() - Date.parse(startedAt))
  if (medianMs === null)
    return (
      <p className="mt-2 text-quiet">
        <span className="tabular-nums">{wholeSeconds(elapsedMs)}</span> so far. The job has no successful
        build on this platform to compare with.
      </p>
    )
  const isLonger = elapsedMs > medianMs
  const words = isLonger
    ? `${wholeSeconds(elapsedMs)}, ${wholeSeconds(elapsedMs - medianMs)} longer than usual`
    : `${wholeSeconds(elapsedMs)} of about ${wholeSeconds(medianMs)}`
  return (
    <div className="mt-2">
      <progress
        className="h-1.5 w-full max-w-96 appearance-none overflow-hidden rounded-sm bg-line [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-line [&::-webkit-progress-value]:bg-accent"
        aria-label="Time so far, of what the job usually takes"
        max={Math.max(1, medianMs)}
        value={Math.min(elapsedMs, medianMs)}
      />
      <p className={`tabular-nums ${isLonger ? 'text-warn' : 'text-quiet'}`}>{words}</p>
    </div>
  )
}
