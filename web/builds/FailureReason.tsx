import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { formatLineRange } from '../console/line-range.ts'
import { Icon } from '../ui/Icon.tsx'
import { failureWords } from './failure.ts'

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
  }
`)

/** Why a build failed, and the lines of its console that say so: what is there in the place of a binary. */
export function FailureReason(props: { build: FragmentType<typeof FailureReasonFragment> }) {
  const { failure } = readFragment(FailureReasonFragment, props.build)
  const words = failureWords(failure)
  const excerpt = failure?.excerpt
  const isExplained = excerpt?.matchedLine != null
  return (
    <>
      <h2 className="text-small font-normal text-quiet">Why it failed</h2>
      <p className="mt-1">
        {words ? (
          <>
            <span className="font-semibold first-letter:uppercase">{words}</span>
            {failure?.reason && <>: {failure.reason}.</>}
          </>
        ) : failure ? (
          'Neither its result nor its console tells in words that are known.'
        ) : (
          'Its console has not been read yet.'
        )}
      </p>
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
