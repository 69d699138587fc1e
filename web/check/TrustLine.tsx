import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import type { TrustOutcome } from '../gql/graphql.ts'
import { paths } from '../paths.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'

const TrustLineFragment = graphql(`
  fragment TrustLine on Build {
    mainBinary {
      id
      sha256
    }
    trust {
      outcome
      reason
    }
  }
`)

const looks: Record<TrustOutcome, { sign: IconName; tone: string; words: string }> = {
  TRUSTED: { sign: 'check', tone: 'text-good', words: 'Trusted by the policy of this site' },
  NOT_YET: { sign: 'once', tone: 'text-quiet', words: 'Not trusted yet by the policy of this site' },
  DISPUTED: { sign: 'unequal', tone: 'text-warn', words: 'Disputed, says the policy of this site' },
  EXEMPT: { sign: 'minus', tone: 'text-quiet', words: 'Exempt from the policy of this site' },
  NO_RULE: { sign: 'minus', tone: 'text-quiet', words: 'The policy of this site has no rule for it' },
}

/** What the policy of the site says of the main binary, in one line. Nothing on a site without a policy. */
export function TrustLine(props: { build: FragmentType<typeof TrustLineFragment> }) {
  const { mainBinary, trust } = readFragment(TrustLineFragment, props.build)
  if (!mainBinary || !trust) return null
  const { sign, tone, words } = looks[trust.outcome]
  return (
    <p className="mt-1 flex items-start gap-2 text-small">
      <Icon name={sign} className={`my-px shrink-0 ${tone}`} />
      <span className="min-w-0 wrap-anywhere">
        {words}
        {trust.reason !== null && `: ${trust.reason}`}.{' '}
        <Link to={paths.hash(mainBinary.sha256)}>Who made it</Link>
      </span>
    </p>
  )
}
