// @vitest-environment jsdom
import type { MockLink } from '@apollo/client/testing'
import { screen, within } from '@testing-library/react'
import { expect, test } from 'vitest'
import { OutputChanges } from '../../../web/builds/OutputChanges.tsx'
import { ReproductionSection } from '../../../web/builds/ReproductionSection.tsx'
import { describeRelations, FailureLinks, RelationsDetails } from '../../../web/builds/BuildRelations.tsx'
import { Verdict } from '../../../web/outcomes/Verdict.tsx'
import {
  type BuildRelationsFragment,
  BuildRelationsFragmentDoc,
  BuildVerdictFragmentDoc,
  PagerFragmentDoc,
  RelatedBuildFragmentDoc,
  type ReproductionSectionFragment,
  ReproductionSectionFragmentDoc,
  ChangeHeadlineDocument,
  type ChangeHeadlineQuery,
  type ChangeHeadlineQueryVariables,
} from '../../../web/gql/graphql.ts'
import { makeFragmentData } from '../../../web/gql/index.ts'
import { renderAt } from './render.tsx'

const uuid = (digit: number) => `00000000-0000-4000-8000-00000000000${digit}`

const related = (digit: number, startedAt: string) => ({
  __typename: 'Build' as const,
  ...makeFragmentData(
    { __typename: 'Build', id: `build-${digit}`, uuid: uuid(digit), startedAt },
    RelatedBuildFragmentDoc,
  ),
})

const platform = (name: string) => ({ __typename: 'Platform' as const, id: name, name })

type Reproducibility = BuildRelationsFragment['reproducibility']

const kinds = {
  'Repeated here ×3': 'REPEATED',
  'Repeated here ×4': 'REPEATED',
  'Not repeated yet': 'NOT_REPEATED',
  Disputed: 'DISPUTED',
  'No output': 'NONE',
} as const

const graded = (words: keyof typeof kinds, disputedBy: string[] = []) => ({
  __typename: 'Grade' as const,
  ...{ kind: kinds[words], words, disputedBy },
})

/** The build with UUID 5, of 5 May 2026, that nobody repeated. */
function relations({
  reproducibility = {},
  ...more
}: Partial<Omit<BuildRelationsFragment, 'reproducibility'>> & {
  reproducibility?: Partial<Reproducibility>
}) {
  return makeFragmentData(
    {
      __typename: 'Build',
      id: 'build-5',
      uuid: uuid(5),
      startedAt: '2026-05-05T00:00:00Z',
      newestWithMainBinary: null,
      firstWithOutput: null,
      previousDifferentOutput: null,
      nextDifferentOutput: null,
      previousSuccess: null,
      nextSuccess: null,
      ...more,
      reproducibility: {
        __typename: 'Reproducibility',
        verdict: 'UNCONFIRMED',
        grade: graded('Not repeated yet'),
        buildCount: 1,
        inputCount: 1,
        uploaders: ['alice'],
        otherOutputCount: 0,
        otherOutputsDifferIn: [],
        platforms: [platform('debian-12')],
        platformCount: 1,
        ...reproducibility,
      },
    },
    BuildRelationsFragmentDoc,
  )
}

const reproduced: Partial<Reproducibility> = {
  verdict: 'REPRODUCED',
  grade: graded('Repeated here ×3'),
  buildCount: 3,
  inputCount: 2,
  uploaders: ['alice', 'bob'],
  platforms: [platform('debian-12'), platform('debian-13')],
  platformCount: 2,
}

const verdictOf = (words: keyof typeof kinds) =>
  makeFragmentData(
    {
      __typename: 'Build',
      reproducibility: { __typename: 'Reproducibility', grade: graded(words) },
    },
    BuildVerdictFragmentDoc,
  )

test.each([
  ['Repeated here ×4', 'Repeated here ×4'],
  ['Disputed', 'Disputed'],
  ['Not repeated yet', 'Not repeated yet'],
  ['No output', ''],
] as const)('the grade %s in a row has the words of the server', (words, shown) => {
  renderAt('/', <Verdict of={verdictOf(words)} />)
  expect(document.body.textContent.trim()).toBe(shown)
})

test.each<[string, Partial<Reproducibility>, string | undefined]>([
  ['a reproduced build', reproduced, 'Repeated here ×3'],
  [
    'another output',
    { verdict: 'NOT_REPRODUCIBLE', grade: graded('Disputed'), otherOutputCount: 2 },
    'Disputed: same input, 3 outputs',
  ],
  [
    'another output of another script',
    {
      verdict: 'NOT_REPRODUCIBLE',
      grade: graded('Disputed'),
      otherOutputCount: 1,
      otherOutputsDifferIn: ['SCRIPT'],
    },
    'Disputed: same input, 2 outputs, though their scripts differ',
  ],
  [
    'another output of another script on another platform',
    {
      verdict: 'NOT_REPRODUCIBLE',
      grade: graded('Disputed'),
      otherOutputCount: 1,
      otherOutputsDifferIn: ['SCRIPT', 'PLATFORM'],
    },
    'Disputed: same input, 2 outputs, though their scripts and platforms differ',
  ],
  [
    'signed statements of others',
    { grade: graded('Disputed', ['carol', 'tarides']) },
    'Disputed: carol and tarides got another output',
  ],
  ['nobody repeated it', {}, 'Not repeated yet'],
  ['without a main binary', { verdict: 'NO_OUTPUT', grade: graded('No output'), buildCount: 0 }, undefined],
])('the verdict card: %s', (_, reproducibility, words) => {
  expect(describeRelations(relations({ reproducibility }))?.words).toBe(words)
})

const details: [string, Parameters<typeof relations>[0], string][] = [
  [
    'reproduced, and the output never changed',
    { reproducibility: reproduced, firstWithOutput: related(1, '2026-01-01T00:00:00Z') },
    'This build and 2 others on debian-12 and debian-13 produced this binary from 2 distinct inputs, uploaded by alice and bob. Same output on debian-13 since 2026-01-01.',
  ],
  [
    'reproduced, with another output in between',
    {
      reproducibility: { ...reproduced, inputCount: 1 },
      firstWithOutput: related(1, '2026-01-01T00:00:00Z'),
      previousDifferentOutput: related(2, '2026-02-01T00:00:00Z'),
    },
    'This build and 2 others on debian-12 and debian-13 produced this binary from 1 distinct input, uploaded by alice and bob. First built on debian-13 on 2026-01-01.',
  ],
  [
    'reproduced by users that were removed, from inputs that are not known',
    { reproducibility: { ...reproduced, buildCount: 2, inputCount: 0, uploaders: [] } },
    'This build and 1 other on debian-12 and debian-13 produced this binary.',
  ],
  ['not repeated', {}, 'No other build has produced this binary yet.'],
  [
    'not reproducible',
    { reproducibility: { verdict: 'NOT_REPRODUCIBLE' } },
    'Only this build produced this binary, uploaded by alice.',
  ],
  ['without a main binary', { reproducibility: { verdict: 'NO_OUTPUT' } }, ''],
]
test.each(details)('the details of a verdict: %s', (_, state, words) => {
  renderAt('/', <RelationsDetails relations={relations(state)} platform="debian-13" />)
  expect(document.body.textContent.trim()).toBe(words)
})

test('a failed build leads to the last success and to its repair', () => {
  renderAt(
    '/',
    <FailureLinks
      relations={relations({
        previousSuccess: related(1, '2026-05-01T00:00:00Z'),
        nextSuccess: related(9, '2026-05-05T03:00:00Z'),
      })}
    />,
  )
  expect(screen.getByRole('link', { name: 'what changed since' }).getAttribute('href')).toBe(
    `/compare/${uuid(1)}/${uuid(5)}`,
  )
  expect(screen.getByRole('link', { name: 'fixed 3 hours later' }).getAttribute('href')).toBe(
    `/compare/${uuid(5)}/${uuid(9)}`,
  )
})

test('a failed build without a success before or after it says so', () => {
  renderAt('/', <FailureLinks relations={relations({})} />)
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'no success before it',
    'not fixed yet',
  ])
})

const headline = (
  left: string,
  right: string,
  words: string,
): MockLink.MockedResponse<ChangeHeadlineQuery, ChangeHeadlineQueryVariables> => ({
  request: { query: ChangeHeadlineDocument, variables: { left, right } },
  result: {
    data: {
      __typename: 'Query',
      diff: { __typename: 'BuildDiff', summary: { __typename: 'DiffSummary', headline: words } },
    },
  },
})

test('a build whose output changed leads to the change, and says what it was', async () => {
  renderAt(
    '/',
    <OutputChanges
      relations={relations({
        previousDifferentOutput: related(1, '2026-01-01T00:00:00Z'),
        firstWithOutput: related(2, '2026-02-01T00:00:00Z'),
        nextDifferentOutput: related(8, '2026-05-07T00:00:00Z'),
        newestWithMainBinary: related(9, '2026-05-09T00:00:00Z'),
      })}
    />,
    { mocks: [headline(uuid(1), uuid(2), 'dns 1.0 → 1.1')] },
  )
  // The output is that of build 2 already: what changed since has no part in it.
  expect(screen.getByRole('link', { name: 'what changed' }).getAttribute('href')).toBe(
    `/compare/${uuid(1)}/${uuid(2)}`,
  )
  expect(screen.getByText(/output changed 2 days later:/)).toBeDefined()
  expect(screen.getByRole('link', { name: 'what changed then' }).getAttribute('href')).toBe(
    `/compare/${uuid(5)}/${uuid(8)}`,
  )
  expect(screen.getByRole('link', { name: 'compare' }).getAttribute('href')).toBe(
    `/compare/${uuid(5)}/${uuid(9)}`,
  )
  expect(await screen.findByText('dns 1.0 → 1.1')).toBeDefined()
})

test('an output that alternates is compared from this build, not from the first with its output', async () => {
  renderAt(
    '/',
    <OutputChanges
      relations={relations({
        firstWithOutput: related(1, '2026-01-01T00:00:00Z'),
        previousDifferentOutput: related(2, '2026-02-01T00:00:00Z'),
      })}
    />,
    { mocks: [headline(uuid(2), uuid(5), '1 package upgraded')] },
  )
  expect(screen.getByRole('link', { name: 'what changed' }).getAttribute('href')).toBe(
    `/compare/${uuid(2)}/${uuid(5)}`,
  )
  expect(await screen.findByText('1 package upgraded')).toBeDefined()
})

test('the newest build with the only output leads nowhere', () => {
  renderAt(
    '/',
    <OutputChanges relations={relations({ newestWithMainBinary: related(5, '2026-05-05T00:00:00Z') })} />,
  )
  expect(screen.queryByRole('list')).toBeNull()
})

type Section = ReproductionSectionFragment['reproducibility']
const lastPage = {
  __typename: 'PageInfo' as const,
  ...makeFragmentData(
    {
      __typename: 'PageInfo',
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    },
    PagerFragmentDoc,
  ),
}

/** The list below the verdict card of the build with UUID 5. */
function renderReproductions(total: number, reproducibility: Partial<Section>) {
  const build = makeFragmentData(
    {
      __typename: 'Build',
      id: 'build-5',
      uuid: uuid(5),
      startedAt: '2026-05-05T00:00:00Z',
      inputId: 'input',
      reproducibility: {
        __typename: 'Reproducibility',
        verdict: 'UNCONFIRMED',
        otherOutputs: [],
        ...reproducibility,
        reproductions: {
          __typename: 'BuildConnection',
          edges: [],
          pageInfo: lastPage,
          ...reproducibility.reproductions,
        },
      },
    },
    ReproductionSectionFragmentDoc,
  )
  renderAt('/', <ReproductionSection build={build} total={total} />)
}

const reproduction = (
  digit: number,
  startedAt: string,
  inputId: string | null,
  uploadedBy: string | null,
) => ({
  __typename: 'BuildEdge' as const,
  node: {
    __typename: 'Build' as const,
    id: `build-${digit}`,
    uuid: uuid(digit),
    startedAt,
    inputId,
    uploadedBy,
    job: { __typename: 'Job' as const, id: 'dns', name: 'dns' },
    platform: platform('debian-12'),
  },
})

test('reproductions say whether their input is the same, and the older build is on the left', () => {
  renderReproductions(2, {
    verdict: 'REPRODUCED',
    reproductions: {
      __typename: 'BuildConnection',
      edges: [
        reproduction(9, '2026-05-09T00:00:00Z', 'input', 'bob'),
        reproduction(1, '2026-05-01T00:00:00Z', null, null),
      ],
      pageInfo: lastPage,
    },
  })
  expect(screen.getByRole('heading', { name: 'Other builds of this output 2' })).toBeDefined()
  const [, newer, older] = within(
    screen.getByRole('table', { name: 'Other builds of this output' }),
  ).getAllByRole('row')
  if (!newer || !older) throw new Error('a row is missing')
  expect(newer.textContent).toContain('same input')
  expect(within(newer).getByRole('link', { name: 'compare' }).getAttribute('href')).toBe(
    `/compare/${uuid(5)}/${uuid(9)}`,
  )
  expect(older.textContent).toContain('other input')
  expect(within(older).getByRole('link', { name: 'compare' }).getAttribute('href')).toBe(
    `/compare/${uuid(1)}/${uuid(5)}`,
  )
})

test('a build without reproductions says so', () => {
  renderReproductions(0, {})
  expect(screen.getByRole('heading', { name: 'Other builds of this output 0' })).toBeDefined()
  expect(screen.getByText(/^No other build has produced this binary yet\./)).toBeDefined()
})

test('a build that is not reproducible leads to each other output of its input', () => {
  renderReproductions(0, {
    verdict: 'NOT_REPRODUCIBLE',
    otherOutputs: [
      {
        __typename: 'Build',
        id: 'build-1',
        uuid: uuid(1),
        startedAt: '2026-05-01T00:00:00Z',
        mainBinary: { __typename: 'Artifact', id: 'binary', sizeBytes: 2048, sha256: 'a'.repeat(64) },
      },
    ],
  })
  expect(screen.getByText('Builds of the same input produced other binaries, too:')).toBeDefined()
  expect(screen.getByText('2.0 KiB')).toBeDefined()
  expect(screen.getByRole('link', { name: 'what differs' }).getAttribute('href')).toBe(
    `/compare/${uuid(1)}/${uuid(5)}`,
  )
})

test('a build without a main binary has no reproductions', () => {
  renderReproductions(0, { verdict: 'NO_OUTPUT' })
  expect(screen.queryByRole('heading')).toBeNull()
})
