import { useSuspenseQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'
import type { WhyItDiffersQuery as Answer } from '../gql/graphql.ts'
import { countOf } from '../ui/signed.ts'
import { visibleName } from '../ui/visible-text.ts'
import './deep-diff.css'
import { DifferenceTree } from './DifferenceTree.tsx'

const WhyItDiffersQuery = graphql(`
  query WhyItDiffers($left: UUID!, $right: UUID!, $path: String) {
    diff(left: $left, right: $right) {
      deep(path: $path) {
        reason
        summary
        causes {
          kind
          likelihood
          description
          advice
          evidenceCount
          evidence {
            difference
            where
            left
            right
          }
        }
        differences {
          ...DifferenceTree
        }
      }
    }
  }
`)

type Deep = NonNullable<Answer['diff']>['deep']

/** Why a file of two builds differs: the causes in words, then the tree of all differences. `path`: null for the main binary. */
export default function WhyItDiffers(variables: { left: string; right: string; path: string | null }) {
  const { data } = useSuspenseQuery(WhyItDiffersQuery, { variables })
  const deep = data.diff?.deep
  if (!deep) return null
  if (deep.reason != null) return <p className="text-quiet">Not compared: {deep.reason}.</p>
  return (
    <>
      <p className="text-title font-semibold">{deep.summary}</p>
      {deep.causes.length > 0 ? (
        <Causes causes={deep.causes} />
      ) : (
        deep.differences.length > 0 && (
          <p className="mt-1">
            Nothing in the bytes tells of a cause that is known: dates, paths, names, order, compression and
            random bytes were looked for.
          </p>
        )
      )}
      {deep.differences.length > 0 && (
        <>
          <h3 className="mt-4 mb-1">
            Where it differs{' '}
            <span className="font-normal text-quiet tabular-nums">{deep.differences.length}</span>
          </h3>
          <DifferenceTree differences={deep.differences} />
        </>
      )}
    </>
  )
}

function Causes({ causes }: { causes: Deep['causes'] }) {
  return (
    <ol aria-label="Causes" className="mt-2 space-y-3">
      {causes.map(({ kind, likelihood, description, advice, evidence, evidenceCount }) => (
        <li key={kind} className="border-l-2 border-line pl-3">
          <p>
            <span className={likelihood === 'LIKELY' ? 'font-semibold text-bad' : 'font-semibold text-warn'}>
              {likelihood === 'LIKELY' ? 'Likely' : 'Possible'}
            </span>
            : {description}
          </p>
          <ul className="text-small">
            {evidence.map((each, i) => (
              <li key={i} className="wrap-anywhere">
                <span className="text-quiet">{visibleName(each.where)}: </span>
                <code>{visibleName(each.left)}</code>
                <span className="text-quiet"> → </span>
                <code>{visibleName(each.right)}</code>
              </li>
            ))}
            {evidenceCount > evidence.length && (
              <li className="text-quiet">and {countOf(evidenceCount - evidence.length, 'more place')}</li>
            )}
          </ul>
          <p className="mt-0.5 text-small text-quiet">{advice}</p>
        </li>
      ))}
    </ol>
  )
}
