import { memo } from 'react'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { formatByteSize, formatExactBytes } from '../ui/byte-size.ts'
import { ChangedText } from './ChangedText.tsx'
import { listClass } from './ChangeList.tsx'
import { TruncationNote } from './TruncationNote.tsx'
import { DiffSection } from './DiffSection.tsx'
import type { PartProps } from './part-props.ts'
import { formatExactDelta, formatSizeDelta } from '../ui/signed.ts'

const ComparedFileFragment = graphql(`
  fragment ComparedFile on ComparedArtifact {
    path
    sizeBytes
    sha256
    resourcePath
  }
`)

const ArtifactsPartFragment = graphql(`
  fragment ArtifactsPart on ArtifactsDiff {
    equalCount
    onlyLeft {
      ...ComparedFile
    }
    onlyRight {
      ...ComparedFile
    }
    changed {
      path
      sizeDeltaBytes
      left {
        ...ComparedFile
      }
      right {
        ...ComparedFile
      }
    }
  }
`)

type File = { path: string; sizeBytes: number; sha256: string; resourcePath: string }
type FileChange = { path: string; left: File | null; right: File | null; sizeDeltaBytes: number | null }

/** The files that the builds left. */
export function ArtifactsPart({
  artifacts,
  counts,
  ...part
}: PartProps & { artifacts: FragmentType<typeof ArtifactsPartFragment> }) {
  const diff = readFragment(ArtifactsPartFragment, artifacts)
  const passes = ({ path, left, right }: FileChange) =>
    part.filter.matches(path, left?.sha256 ?? '', right?.sha256 ?? '')
  const only = (side: 'left' | 'right', files: typeof diff.onlyLeft) =>
    readFragment(ComparedFileFragment, files)
      .map((file): FileChange => {
        return { path: file.path, left: null, right: null, [side]: file, sizeDeltaBytes: null }
      })
      .filter(passes)
  const changed = diff.changed
    .map((change) => ({
      ...change,
      left: readFragment(ComparedFileFragment, change.left),
      right: readFragment(ComparedFileFragment, change.right),
    }))
    .filter(passes)
  const files = [...changed, ...only('right', diff.onlyRight), ...only('left', diff.onlyLeft)]
  return (
    <DiffSection
      {...part}
      id="artifacts"
      total={counts.artifacts}
      passing={files.length}
      words={diff.equalCount > 0 && `${diff.equalCount.toLocaleString('en-US')} more are equal`}
    >
      <ul aria-label="Artifacts that differ" className={listClass(files.length)}>
        {files.map((file) => (
          <FileRow key={file.path} {...file} />
        ))}
      </ul>
      <TruncationNote
        listed={diff.changed.length + diff.onlyLeft.length + diff.onlyRight.length}
        total={counts.artifacts}
      />
    </DiffSection>
  )
}

const FileRow = memo(function FileRow({ path, left, right, sizeDeltaBytes }: FileChange) {
  return (
    <li className="change">
      <code className="change-name">
        <ChangedText text={path} />
      </code>
      <span className="change-value">
        <FileLink side="left" file={left} />
        <span className="text-quiet"> → </span>
        <FileLink side="right" file={right} />
        {sizeDeltaBytes !== null && (
          <span className="ml-3 whitespace-nowrap" title={formatExactDelta(sizeDeltaBytes)}>
            {formatSizeDelta(sizeDeltaBytes)}
          </span>
        )}
      </span>
    </li>
  )
})

/** Size and hash of a file, as the link that downloads it. */
function FileLink({ side, file }: { side: 'left' | 'right'; file: File | null }) {
  if (!file)
    return (
      <span className="text-quiet" title="absent">
        <span aria-hidden="true">∅</span>
        <span className="sr-only">absent</span>
      </span>
    )
  return (
    <a
      href={file.resourcePath}
      title={`${formatExactBytes(file.sizeBytes)}, sha256 ${file.sha256}`}
      className="whitespace-nowrap"
    >
      <span className="sr-only">{side}: </span>
      {formatByteSize(file.sizeBytes)}{' '}
      <code>
        {file.sha256.slice(0, 6)}…{file.sha256.slice(-6)}
      </code>
    </a>
  )
}
