import { useAnalysis } from '../analyses/AnalysisSection.tsx'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { formatLineRange } from '../console/line-range.ts'
import { Icon } from '../ui/Icon.tsx'
import { failureWords } from '../outcomes/failure.ts'

const FailureReasonFragment = graphql(`
  fragment FailureReason on Build {
    failure {
      class
      reason
      excerpt {
        firstLine
        lines
        matchedLine
      }
    }
    ...BuildAnalyses
  }
`)

/** Why a build failed, and the lines of its console that say so: what is there in the place of a binary. */
export function FailureReason(props: { build: FragmentType<typeof FailureReasonFragment> }) {
  const build = readFragment(FailureReasonFragment, props.build)
  const analysis = useAnalysis(build, 'FAILURE')
  const isUnread = analysis?.state === 'FAILED'
  const { failure } = build
  const words = failureWords(failure)
  const excerpt = failure?.excerpt
  const isExplained = excerpt?.matchedLine != null
  return (
    <>
      <h2 className="text-small font-normal text-quiet">Why it failed</h2>
      {words ? (
        <p className="mt-1">
          <span className="font-semibold first-letter:uppercase">{words}</span>
          {failure?.reason && <>: {failure.reason}.</>}
        </p>
      ) : failure?.reason ? (
        <p className="mt-1 first-letter:uppercase">{failure.reason}.</p>
      ) : failure ? (
        <p className="mt-1">
          Neither the result nor the console of this build contains a message that is known.
        </p>
      ) : (
        !isUnread && <p className="mt-1">The console of this build has not been read yet.</p>
      )}
      {isUnread && <Unread reason={analysis.error} />}
      {excerpt && (
        <figure className="mt-2">
          <div
            role="region"
            aria-label="Excerpt of the console"
            tabIndex={0}
            className="max-h-72 overflow-auto rounded-sm border border-line bg-surface py-1.5 text-small"
          >
            <pre className="min-w-max leading-[1.5]">
              {excerpt.lines.map((line, index) => {
                const number = excerpt.firstLine + index
                return (
                  <div key={number} className="flex">
                    <span aria-hidden="true" className="w-14 shrink-0 pr-3 text-right text-quiet select-none">
                      {number}
                    </span>
                    <code
                      className={`pr-3 ${number === excerpt.matchedLine ? 'font-semibold text-bad' : ''}`}
                    >
                      {line || '\n'}
                    </code>
                  </div>
                )
              })}
            </pre>
          </div>
          <figcaption className="mt-1 text-small">
            <a
              href={formatLineRange({
                first: excerpt.firstLine,
                last: excerpt.firstLine + excerpt.lines.length - 1,
              })}
              className="inline-flex items-center gap-0.5"
            >
              {isExplained ? 'in the console' : 'how the console ends'}{' '}
              <Icon name="forward" className="size-3.5" />
            </a>
          </figcaption>
        </figure>
      )}
    </>
  )
}

/** The console says nothing here, because it could not be analysed. It is shown further down all the same. */
function Unread({ reason }: { reason: string | null }) {
  return (
    <>
      <p className="mt-1">
        <Icon name="alarm" className="mr-1.5 -mt-0.5 text-warn" />
        Its console could not be analysed:{' '}
        <span className="break-words">{reason ?? 'no reason is known'}.</span>
      </p>
      <p className="mt-1 text-quiet">
        The console itself is shown below. The analysis is tried again with its next version, or when the
        operator asks for it with <code>hub analyse</code>.
      </p>
    </>
  )
}
