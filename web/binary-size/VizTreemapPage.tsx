import { reloadsUnlessOnly } from '../charts/view-state.ts'
import { VizPage } from '../viz/VizPage.tsx'
import { SizeSection } from './SizeSection.tsx'
import { sizeViewParameters } from './view-parameters.ts'

/** A change of the view of the picture needs no data from the server. */
export const shouldReloadTreemap = reloadsUnlessOnly(...sizeViewParameters(''))

export function VizTreemapPage() {
  return (
    <VizPage
      kind="BINARY_SIZE"
      what="Binary size"
      absence={{
        title: 'There is no binary to look into',
        reason: 'This build made no main binary, nor one with debug information.',
      }}
    >
      {(build) => <SizeSection build={build} uuid={build.uuid} isAlone />}
    </VizPage>
  )
}
