import { graphql } from '../../generated/operations/gql.ts'
import type { ReproducePolicyInput } from '../../generated/operations/graphql.ts'
import type { ReproducePolicy } from '../../scheduling/definition.ts'
import type { ReproduceInput } from '../../scheduling/schedule-input.ts'
import type { SectionPolicy } from '../../scheduling/section-policies.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate } from './times.ts'

export const sectionPolicyFragment = graphql(`
  fragment SectionPolicyOfCommand on SectionPolicy {
    section
    updatedAt
    reproduce {
      times
      anyPlatform
      platforms
      within
    }
  }
`)

const listDocument = graphql(`
  query CommandSectionPolicies {
    sectionPolicies {
      ...SectionPolicyOfCommand
    }
  }
`)

const setDocument = graphql(`
  mutation CommandSetSectionPolicy($section: String!, $reproduce: ReproducePolicyInput!) {
    setSectionPolicy(section: $section, reproduce: $reproduce) {
      ... on SetSectionPolicySuccess {
        policy {
          ...SectionPolicyOfCommand
        }
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const removeDocument = graphql(`
  mutation CommandRemoveSectionPolicy($section: String!) {
    removeSectionPolicy(section: $section) {
      ... on RemoveSectionPolicySuccess {
        section
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `listSectionPolicies`. */
export async function listSectionPoliciesAt(site: RemoteSite): Promise<SectionPolicy[]> {
  return (await site.ask(listDocument, {})).sectionPolicies.map(toSectionPolicy)
}

/** As `setSectionPolicy`. */
export async function setSectionPolicyAt(
  site: RemoteSite,
  { section, reproduce }: { section: string; reproduce: ReproduceInput },
): Promise<SectionPolicy> {
  const { policy } = await site.act(setDocument, { section, reproduce: givenPolicy(reproduce) })
  return toSectionPolicy(policy)
}

/** As `removeSectionPolicy`. */
export const removeSectionPolicyAt = (site: RemoteSite, section: string) =>
  site.act(removeDocument, { section })

type Answered = { times: number; anyPlatform: boolean; platforms: string[] | null; within: string }

function toSectionPolicy(found: { section: string; updatedAt: string; reproduce: Answered }): SectionPolicy {
  const { section, updatedAt, reproduce } = found
  return { section, reproduce: toPolicy(reproduce), updatedAt: toDate(updatedAt) }
}

export const toPolicy = ({ anyPlatform, platforms, times, within }: Answered): ReproducePolicy => ({
  times,
  platforms: platforms ?? (anyPlatform ? 'any' : 'all'),
  within,
})

export function givenPolicy({ platforms, times, within }: ReproduceInput): ReproducePolicyInput {
  return {
    ...(times === undefined ? {} : { times }),
    ...(within === undefined ? {} : { within }),
    ...(platforms === undefined
      ? {}
      : Array.isArray(platforms)
        ? { platforms }
        : { onAllPlatforms: platforms === 'all' }),
  }
}
