import { lazy, useRef } from 'react'
import { AnalysisSection } from '../analyses/AnalysisSection.tsx'
import type { BuildAnalysesFragment } from '../analyses/analysis-status.ts'
import type { FragmentType } from '../gql/index.ts'
import { useIsSeen } from '../ui/use-is-seen.ts'

const SizeOfBuild = lazy(() => import('./SizeOfBuild.tsx'))

/** Height of the picture, reserved while it loads, so that the content below does not move. */
const room = '48rem'

/** The section of a page with the binary size of a build; nothing if the build has no binary. */
export function SizeSection(props: {
  build: FragmentType<typeof BuildAnalysesFragment>
  uuid: string
  isAlone?: boolean
}) {
  return (
    <AnalysisSection build={props.build} kind="BINARY_SIZE" id="size" title="Size" room={room}>
      <Seen>
        <SizeOfBuild uuid={props.uuid} isAlone={props.isAlone ?? false} />
      </Seen>
    </AnalysisSection>
  )
}

/** Loads the tree of up to 20,000 parts when the reader scrolls near it. */
function Seen({ children }: { children: React.ReactNode }) {
  const element = useRef<HTMLDivElement>(null)
  const [isSeen, focusStop] = useIsSeen(element)
  return (
    <div
      ref={element}
      {...focusStop}
      role="group"
      aria-label="Picture of the sizes"
      style={isSeen ? undefined : { minHeight: room }}
    >
      {isSeen && children}
    </div>
  )
}
