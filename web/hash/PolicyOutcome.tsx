import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { TrustOutcome } from '../gql/graphql.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import { Name } from '../ui/Name.tsx'

const PolicyOutcomeFragment = graphql(`
  fragment PolicyOutcome on Content {
    places {
      job
      platform
      trust {
        outcome
        reason
        isCurrent
      }
    }
  }
`)

const looks: Record<TrustOutcome, { sign: IconName; tone: string; words: string }> = {
  TRUSTED: { sign: 'check', tone: 'text-good', words: 'trusted by the policy of this site' },
  NOT_YET: { sign: 'once', tone: 'text-quiet', words: 'not trusted yet by the policy of this site' },
  DISPUTED: { sign: 'unequal', tone: 'text-warn', words: 'disputed, says the policy of this site' },
  EXEMPT: { sign: 'minus', tone: 'text-quiet', words: 'exempt from the policy of this site' },
  NO_RULE: { sign: 'minus', tone: 'text-quiet', words: 'the policy of this site has no rule' },
}

/** What the operator's policy says of the file, for each job and platform. Nothing on a site without a policy. */
export function PolicyOutcome(props: { content: FragmentType<typeof PolicyOutcomeFragment> }) {
  const { places } = readFragment(PolicyOutcomeFragment, props.content)
  const judged = places.flatMap(({ trust, ...place }) => (trust ? [{ ...place, trust }] : []))
  if (judged.length === 0) return null
  return (
    <ul className="mt-2 space-y-1">
      {judged.map(({ job, platform, trust }) => (
        <li key={`${job} ${platform}`} className="flex items-start gap-2">
          <Icon name={looks[trust.outcome].sign} className={`my-px shrink-0 ${looks[trust.outcome].tone}`} />
          <span className="min-w-0 wrap-anywhere">
            <Name>{job}</Name> on <Name>{platform}</Name>: {looks[trust.outcome].words}
            {trust.reason !== null && `: ${trust.reason}`}.
            {!trust.isCurrent && ' The policy has changed since; it is looked at again.'}
          </span>
        </li>
      ))}
    </ul>
  )
}
