import { lazy, useRef } from 'react'
import { AnalysisSection } from '../analyses/AnalysisSection.tsx'
import type { BuildAnalysesFragment } from '../analyses/analysis-status.ts'
import type { FragmentType } from '../gql/index.ts'
import { useIsSeen } from '../ui/use-is-seen.ts'

const SizeOfBuild = lazy(() => import('./SizeOfBuild.tsx'))

/** As much as the picture takes, so that what is below does not jump. */
const room = '48rem'

/** The part of a page that shows what the binary of a build is made of; nothing when it has none. */
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

/** A tree of 20,000 parts is loaded when somebody comes near. */
function Seen({ children }: { children: React.ReactNode }) {
  const element = useRef<HTMLDivElement>(null)
  const isSeen = useIsSeen(element)
  return (
    <div ref={element} style={isSeen ? undefined : { minHeight: room }}>
      {isSeen && children}
    </div>
  )
}
