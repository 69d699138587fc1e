import { reloadsUnlessOnly } from '../charts/view-state.ts'
import { VizPage } from '../viz/VizPage.tsx'
import { DependenciesSection } from './DependenciesSection.tsx'
import { dependencyViewParameters } from './view-parameters.ts'

/** A change of the view of the picture needs no data from the server. */
export const shouldReloadDependencies = reloadsUnlessOnly(...dependencyViewParameters)

export function VizDependenciesPage() {
  return (
    <VizPage
      kind="DEPENDENCIES"
      what="Dependencies"
      absence={{
        title: 'No dependencies are known',
        reason: (
          <>
            This build has no file <code>opam-switch</code>, which would tell what it was built from.
          </>
        ),
      }}
    >
      {(build) => <DependenciesSection build={build} uuid={build.uuid} isAlone />}
    </VizPage>
  )
}
