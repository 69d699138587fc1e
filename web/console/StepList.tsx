import { formatDuration } from '../ui/duration.ts'
import { maxSteps, type Step } from './find-steps.ts'

/** The steps of a build in place of its lines: when each began, how long it took, and the way to it. */
export function StepList(props: {
  steps: readonly Step[]
  timeOf: (seconds: string) => string
  onGo: (row: number) => void
}) {
  const { steps, timeOf, onGo } = props
  const longest = Math.max(0, ...steps.map(({ durationSeconds }) => durationSeconds ?? 0))
  return (
    <div
      className="max-h-60 overflow-auto border-b border-line"
      tabIndex={0}
      role="region"
      aria-label="Steps of the build"
    >
      {steps.length === 0 ? (
        <p className="px-3 py-2 text-quiet">No line tells that a step begins.</p>
      ) : (
        <ol aria-label="Steps" className="py-1">
          {steps.map(({ row, title, seconds, durationSeconds }) => (
            <li key={row}>
              <button
                type="button"
                className="flex w-full cursor-pointer items-baseline gap-3 px-3 py-0.5 text-left hover:bg-hover"
                onClick={() => onGo(row)}
              >
                <span className="w-24 flex-none text-right text-small text-quiet tabular-nums narrow:hidden">
                  {seconds === null ? '' : timeOf(seconds.toFixed(3))}
                </span>
                <code className="min-w-0 flex-1 truncate">{title}</code>
                <span
                  className={`flex-none text-small tabular-nums ${durationSeconds !== null && durationSeconds === longest ? 'font-semibold' : 'text-quiet'}`}
                >
                  {durationSeconds === null ? '' : formatDuration(durationSeconds * 1_000)}
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
      {steps.length === maxSteps && (
        <p className="px-3 py-1 text-small text-quiet">Further steps are not listed.</p>
      )}
    </div>
  )
}
