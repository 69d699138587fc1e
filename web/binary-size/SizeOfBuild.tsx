import { useSuspenseQuery } from '@apollo/client/react'
import { useMemo } from 'react'
import { graphql } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { formatByteSize } from '../ui/byte-size.ts'
import { describeScale } from './size-scale.ts'
import type { SizeColumns } from './size-tree.ts'
import { describeLargest } from './size-words.ts'
import { SizePicture } from './SizePicture.tsx'
import { SizeScale } from './SizeScale.tsx'
import { sizePictureName, sizePrefix } from './view-parameters.ts'

const BuildSizeQuery = graphql(`
  query BuildSize($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      job {
        id
        name
      }
      platform {
        id
        name
      }
      binarySize {
        fileSizeBytes
        explainedBytes
        debugBytes
        loadedWithoutSymbolBytes
        otherBytes
        foldedBytes
        foldedCount
        hasSymbols
        reason
        tree {
          names
          kinds
          parents
          sizesBytes
        }
      }
    }
  }
`)

/** The picture of a build whose binary is analysed. `isAlone`: on the page of its own. */
export default function SizeOfBuild({ uuid, isAlone }: { uuid: string; isAlone: boolean }) {
  const { build } = useSuspenseQuery(BuildSizeQuery, { variables: { uuid } }).data
  const { tree, ...facts } = build?.binarySize ?? { tree: null }
  const columns = useMemo(
    (): SizeColumns | null =>
      tree && { ...tree, leftSizesBytes: tree.sizesBytes, rightSizesBytes: tree.sizesBytes },
    [tree],
  )
  if (!build || !columns || !('fileSizeBytes' in facts))
    return <p className="text-quiet">The stored result is missing: it is computed again.</p>
  // A file that is not an ELF file has no parts, so only the summary is shown.
  if (columns.names.length < 3)
    return (
      <p className="mt-2 border-t border-line py-4 text-quiet">
        Nothing to draw in {formatByteSize(facts.fileSizeBytes)}
        {facts.reason && `: ${facts.reason}`}.
      </p>
    )
  return (
    <SizePicture
      columns={columns}
      isDiff={false}
      name={sizePictureName}
      title="What the binary is made of"
      headingLevel={3}
      fileName={[build.job.name, 'size', build.platform.name]}
      prefix={isAlone ? '' : sizePrefix}
      pageHref={isAlone ? undefined : paths.treemap(build.job.name, uuid)}
      summary={(root) => (
        <>
          <p>
            {describeScale(facts)}.{facts.explainedBytes > 0 && ` Largest: ${describeLargest(root, 3)}.`}
          </p>
          {facts.reason && <p>Less is known than could be: {facts.reason}.</p>}
          <SizeScale facts={facts} />
        </>
      )}
    />
  )
}
