import type { ListedVexStatement } from '../../advisories/list-vex-statements.ts'
import { graphql } from '../../generated/operations/gql.ts'
import type { DescribedPolicy } from '../../policy/described-policy.ts'
import type { ListedVerdict, OutcomeCount } from '../../policy/list-verdicts.ts'
import type { LogState } from '../../transparency/read-log-state.ts'
import type { PrintedSubscriber } from '../print-subscribers.ts'
import { RemoteSiteError, type RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

const logDocument = graphql(`
  query CommandLog {
    admin {
      log {
        origin
        size
        root
        startedAt
        refusal
        note
        pendingCount
      }
    }
  }
`)

const policyDocument = graphql(`
  query CommandPolicy {
    admin {
      policy {
        sha256
        attesterCount
        groupCount
        rules {
          jobs
          platforms
          groups
          signed
        }
        exemptions {
          job
          platform
          reason
        }
      }
      policyOutcomes {
        outcome
        count
      }
    }
  }
`)

const verdictsDocument = graphql(`
  query CommandPolicyVerdicts($sha256: Sha256!) {
    admin {
      policyVerdicts(sha256: $sha256) {
        jobName
        platformName
        outcome
        judgedAt
        reason
        groups
        votes {
          kind
          isAgainst
          attester
          group
          platform
          inputId
          at
          job
          build
          attestation
          isRevoked
        }
      }
    }
  }
`)

const vexDocument = graphql(`
  query CommandVexStatements {
    admin {
      vexStatements {
        id
        advisory
        jobs
        status
        justification
        note
        statedAt
        statedBy
      }
    }
  }
`)

const subscribersDocument = graphql(`
  query CommandSubscribers {
    admin {
      subscribers {
        name
        email {
          address
          confirmedAt
          problem
        }
        subscriptions {
          id
          jobs
          platforms
          events
          digest
        }
      }
    }
  }
`)

/** What only administrators see. Throws RemoteSiteError. */
function shown<Answer>(site: RemoteSite, { admin }: { admin: Answer | null }): Answer {
  if (!admin) throw new RemoteSiteError(`${site.url} does not show this`)
  return admin
}

/** As `readLogState`. */
export async function readLogStateAt(site: RemoteSite): Promise<LogState | null> {
  const { log } = shown(site, await site.ask(logDocument, {}))
  return log && { ...log, startedAt: toDate(log.startedAt) }
}

/** The policy that the server has read, and `countOutcomes`. */
export async function readPolicyAt(
  site: RemoteSite,
): Promise<{ policy: DescribedPolicy | null; outcomes: OutcomeCount[] }> {
  const { policy, policyOutcomes } = shown(site, await site.ask(policyDocument, {}))
  return { policy, outcomes: policyOutcomes }
}

/** As `listVerdicts`. */
export async function listVerdictsAt(site: RemoteSite, sha256: string): Promise<ListedVerdict[]> {
  const { policyVerdicts } = shown(site, await site.ask(verdictsDocument, { sha256 }))
  return policyVerdicts.map(({ jobName: job, platformName: platform, judgedAt, votes, ...own }) => ({
    ...{ ...own, job, platform, judgedAt: toDate(judgedAt) },
    votes: votes.map(({ isAgainst, at, ...vote }) => ({
      ...{ ...vote, side: isAgainst ? 'AGAINST' : 'FOR', at: toDate(at).toISOString() },
    })),
  }))
}

/** As `listVexStatements`. */
export async function listVexStatementsAt(site: RemoteSite): Promise<ListedVexStatement[]> {
  const { vexStatements } = shown(site, await site.ask(vexDocument, {}))
  return vexStatements.map(({ id, advisory, statedAt, ...own }) => ({
    ...{ ...own, id: Number(id), advisoryId: advisory, statedAt: toDate(statedAt) },
  }))
}

/** As `listSubscribers`. */
export async function listSubscribersAt(site: RemoteSite): Promise<PrintedSubscriber[]> {
  const { subscribers } = shown(site, await site.ask(subscribersDocument, {}))
  return subscribers.map(({ name, email, subscriptions }) => ({
    ...{ name, email: email?.address ?? null, emailConfirmedAt: toDateOrNull(email?.confirmedAt ?? null) },
    emailProblem: email?.problem ?? null,
    subscriptions: subscriptions.map(({ id, ...own }) => ({ ...own, id: Number(id) })),
  }))
}
