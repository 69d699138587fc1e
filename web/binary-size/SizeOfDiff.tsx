import { useSuspenseQuery } from '@apollo/client/react'
import { graphql } from '../gql/index.ts'
import { SizePicture } from './SizePicture.tsx'
import { sizePictureName, sizePrefix } from './view-parameters.ts'

const SizeDiffQuery = graphql(`
  query SizeDiff($left: UUID!, $right: UUID!) {
    diff(left: $left, right: $right) {
      binarySize {
        summary
        tree {
          names
          kinds
          parents
          leftSizesBytes
          rightSizesBytes
        }
      }
    }
  }
`)

/** What in the binaries of two builds grew and shrank, as a picture. `job` names the files that are saved. */
export default function SizeOfDiff({ left, right, job }: { left: string; right: string; job: string }) {
  const { diff } = useSuspenseQuery(SizeDiffQuery, { variables: { left, right } }).data
  const { tree, summary } = diff?.binarySize ?? {}
  if (!tree) return <p className="text-quiet">The stored result is missing: it is computed again.</p>
  return (
    <SizePicture
      columns={tree}
      isDiff
      name={sizePictureName}
      title="What grew and what shrank"
      headingLevel={3}
      fileName={[job, 'size-change', left.slice(0, 8), right.slice(0, 8)]}
      prefix={sizePrefix}
      summary={() => summary && <p>{summary}.</p>}
    />
  )
}
