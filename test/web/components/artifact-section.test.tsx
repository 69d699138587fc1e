// @vitest-environment jsdom
import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { ArtifactSection } from '../../../web/builds/ArtifactSection.tsx'
import { ArtifactSectionFragmentDoc } from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { renderAt } from './render.tsx'

test('a file that is damaged on the server says so, and the others do not', () => {
  const nodes = ['bin/hello', 'opam-switch'].map((path, index) => ({
    ...{ __typename: 'Artifact' as const, id: String(index), path, sha256: 'ab'.repeat(32), sizeBytes: 3 },
    ...{ mediaType: 'application/octet-stream', isDamaged: index === 0 },
  }))
  const build = {
    ...{ uuid: '00000000-0000-4000-8000-000000000001', job: { id: 'Sm9iOjE=', name: 'hello' } },
    artifacts: {
      edges: nodes.map((node) => ({ node })),
      pageInfo: {},
      totalCount: 2,
    },
  }
  // The selection of the pages of the list is of no importance here.
  renderAt('/', <ArtifactSection build={makeFragmentData(build as never, ArtifactSectionFragmentDoc)} />)
  const [, ...rows] = screen.getAllByRole('row')
  expect(rows.map((row) => within(row).queryByText('damaged') !== null)).toEqual([true, false])
})
