import { lazy } from 'react'
import { AnalysisSection } from '../analyses/AnalysisSection.tsx'
import type { BuildAnalysesFragment } from '../analyses/analysis-status.ts'
import type { FragmentType } from '../gql/index.ts'

const DependenciesOfBuild = lazy(() => import('./DependenciesOfBuild.tsx'))

/** The part of a page that shows the dependencies of a build; nothing when it has no opam switch. */
export function DependenciesSection(props: {
  build: FragmentType<typeof BuildAnalysesFragment>
  uuid: string
  isAlone?: boolean
}) {
  return (
    <AnalysisSection
      build={props.build}
      kind="DEPENDENCIES"
      id="dependencies"
      title="Dependencies"
      room="40rem"
    >
      <DependenciesOfBuild uuid={props.uuid} isAlone={props.isAlone ?? false} />
    </AnalysisSection>
  )
}
