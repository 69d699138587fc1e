import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { UtcDay } from '../ui/UtcDay.tsx'
import { Name } from '../ui/Name.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { counted } from '../ui/counted.ts'
import { formatDistance } from '../ui/time.ts'
import { gradeSigns } from '../outcomes/grade-signs.ts'
import { LinkedFact } from './LinkedFact.tsx'

export const RelatedBuildFragment = graphql(`
  fragment RelatedBuild on Build {
    id
    uuid
    startedAt
  }
`)

/** What all builds together say of one, and which of them lead on from it. */
export const BuildRelationsFragment = graphql(`
  fragment BuildRelations on Build {
    id
    uuid
    startedAt
    reproducibility {
      verdict
      grade {
        kind
        words
        disputedBy
      }
      buildCount
      inputCount
      uploaders
      platforms {
        id
        name
      }
      platformCount
      otherOutputCount
      otherOutputsDifferIn
    }
    newestWithMainBinary {
      ...RelatedBuild
    }
    firstWithOutput {
      ...RelatedBuild
    }
    previousDifferentOutput {
      ...RelatedBuild
    }
    nextDifferentOutput {
      ...RelatedBuild
    }
    previousSuccess {
      ...RelatedBuild
    }
    nextSuccess {
      ...RelatedBuild
    }
  }
`)

export type Relations = FragmentType<typeof BuildRelationsFragment>

const list = new Intl.ListFormat('en', { type: 'conjunction' })

const conditionNames = { SCRIPT: 'scripts', PLATFORM: 'platforms' }

/** What the input id does not cover, and may be the reason: the end of the sentence. */
function excuse(conditions: readonly (keyof typeof conditionNames)[]): string {
  if (conditions.length === 0) return ''
  return `, though their ${list.format(conditions.map((one) => conditionNames[one]))} differ`
}

/** `Repeated here ×4`, `Disputed: same input, 2 outputs`, `Disputed: carol got another output`; null without a main binary. */
export function describeRelations(relations: Relations) {
  const { reproducibility } = readFragment(BuildRelationsFragment, relations)
  const { verdict, grade, otherOutputCount, otherOutputsDifferIn } = reproducibility
  const { kind, words, disputedBy } = grade
  if (kind === 'NONE') return null
  const look = gradeSigns[kind]
  if (kind !== 'DISPUTED') return { ...look, words }
  // Without another output here, somebody has signed that he got one.
  if (verdict !== 'NOT_REPRODUCIBLE')
    return { ...look, words: `${words}: ${list.format(disputedBy)} got another output` }
  const outputs = counted(otherOutputCount + 1, 'output')
  return { ...look, words: `${words}: same input, ${outputs}${excuse(otherOutputsDifferIn)}` }
}

/** Whether every build since the first with its output, on its platform, gave the same. */
export function isSteady(masked: Relations): boolean {
  const relations = readFragment(BuildRelationsFragment, masked)
  const first = readFragment(RelatedBuildFragment, relations.firstWithOutput)
  const previous = readFragment(RelatedBuildFragment, relations.previousDifferentOutput)
  return first !== null && (!previous || previous.startedAt < first.startedAt)
}

/** Which builds produced this binary, from how many inputs, who uploaded them, and since when. `platform`: its name. */
export function RelationsDetails(props: { relations: Relations; platform: string }) {
  const relations = readFragment(BuildRelationsFragment, props.relations)
  const { verdict, buildCount, inputCount, uploaders, platforms, platformCount } = relations.reproducibility
  if (verdict === 'NO_OUTPUT') return null
  const first = readFragment(RelatedBuildFragment, relations.firstWithOutput)
  const by = uploaders.length > 0 ? `, uploaded by ${list.format(uploaders)}` : ''
  const from = inputCount > 0 ? ` from ${counted(inputCount, 'distinct input')}` : ''
  const more = platformCount - platforms.length
  const names = platforms.map(({ name }) => name)
  const on = ` on ${list.format(more > 0 ? [...names, counted(more, 'more platform')] : names)}`
  return (
    <p className="mt-1 text-quiet wrap-anywhere">
      {buildCount > 1
        ? `This build and ${counted(buildCount - 1, 'other')}${on} produced this binary${from}${by}.`
        : verdict === 'UNCONFIRMED'
          ? 'No other build has produced this binary yet.'
          : `Only this build produced this binary${by}.`}
      {first && buildCount > 1 && (
        <>
          {' '}
          {isSteady(props.relations) ? 'Same output' : 'First built'} on <Name>{props.platform}</Name>{' '}
          {isSteady(props.relations) ? 'since ' : 'on '}
          <UtcDay at={first.startedAt} />.
        </>
      )}
    </p>
  )
}

/** What leads on from a failed build: `last good: 2 days ago: what changed since ▸`, `fixed 3 hours later ▸`. */
export function FailureLinks(props: { relations: Relations }) {
  const relations = readFragment(BuildRelationsFragment, props.relations)
  const lastGood = readFragment(RelatedBuildFragment, relations.previousSuccess)
  const fix = readFragment(RelatedBuildFragment, relations.nextSuccess)
  const { uuid, startedAt } = relations
  return (
    <ul className="mt-2 space-y-1">
      {lastGood ? (
        <LinkedFact to={paths.compare(lastGood.uuid, uuid)} link="what changed since">
          last good: <RelativeTime at={lastGood.startedAt} />:
        </LinkedFact>
      ) : (
        <li className="text-quiet">no success before it</li>
      )}
      {fix ? (
        <LinkedFact
          to={paths.compare(uuid, fix.uuid)}
          link={`fixed ${formatDistance(startedAt, fix.startedAt)} later`}
        />
      ) : (
        <li className="text-quiet">not fixed yet</li>
      )}
    </ul>
  )
}
