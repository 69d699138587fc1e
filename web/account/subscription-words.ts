import type { Digest, Transition } from '../gql/graphql.ts'

export const transitionWords: Record<Transition, string> = {
  NEWLY_FAILING: 'newly failing',
  FIXED: 'fixed',
  OUTPUT_CHANGED: 'output changed',
  NOT_REPRODUCIBLE: 'not reproducible',
  SILENT: 'no new build for some days',
  REPRODUCED: 'repeated',
  KNOWN_ISSUE: 'known issue in its packages',
}

export const digestWords: Record<Digest, string> = {
  INSTANT: 'soon',
  HOURLY: 'once an hour',
  DAILY: 'once a day',
}

export const allTransitions = Object.keys(transitionWords) as Transition[]
export const allDigests = Object.keys(digestWords) as Digest[]

/** That builds are repeated is good news each day: it is chosen by hand. */
export const usualTransitions: readonly Transition[] = allTransitions.filter((one) => one !== 'REPRODUCED')
