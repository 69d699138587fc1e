import type { HomePageQuery, JobProblem } from '../gql/graphql.ts'
import { noSection, rankOfSection } from './sections.ts'

export type Overview = NonNullable<HomePageQuery['overview']>
export type OverviewJob = Overview['jobs'][number]
export type OverviewPlatform = OverviewJob['platforms'][number]

/** What the strip above the list filters by, as addresses name it. */
export const states = {
  failing: 'FAILING',
  disputed: 'DISPUTED',
  affected: 'AFFECTED',
  unconfirmed: null,
  stale: 'STALE',
} as const satisfies Record<string, JobProblem | null>
export type State = keyof typeof states

export const groupings = ['section', 'target', 'platform', 'state', 'nothing'] as const
export type Grouping = (typeof groupings)[number]

export const orders = ['name', 'newest', 'largest'] as const
export type Order = (typeof orders)[number]

/** What of the jobs is shown, and how: the query of the address. */
export type View = {
  state: State | null
  text: string
  section: string
  platform: string
  target: string
  grouping: Grouping
  order: Order
}

/** Values that mean nothing count as absent. */
export function readView(search: URLSearchParams): View {
  const text = (name: string) => search.get(name) ?? ''
  const state = text('state')
  return {
    state: Object.hasOwn(states, state) ? (state as State) : null,
    text: text('filter'),
    section: text('section'),
    platform: text('platform'),
    target: text('target'),
    grouping: groupings.find((one) => one === text('by')) ?? 'section',
    order: orders.find((one) => one === text('order')) ?? 'name',
  }
}

/** `hvt`; null: the job is no unikernel. */
export const targetOf = ({ solo5 }: OverviewJob): string | null => solo5?.target?.toLowerCase() ?? null

export const sectionOf = ({ section }: OverviewJob): string => section ?? noSection

export function isIn(state: State, { problems, grade }: OverviewJob): boolean {
  const problem = states[state]
  return problem === null ? grade?.kind === 'NOT_REPEATED' : problems.includes(problem)
}

/**
 * The jobs that a view shows. `isAll` false: of the jobs that nobody builds any more only those that the view asks for.
 * Text is looked for in name and synopsis; all its words must be there.
 */
export function filterJobs(jobs: readonly OverviewJob[], view: View, isAll: boolean): OverviewJob[] {
  const words = view.text.toLowerCase().split(/\s+/).filter(Boolean)
  return jobs.filter((job) => {
    if (!isAll && view.state !== 'stale' && job.problems.includes('STALE')) return false
    if (view.state && !isIn(view.state, job)) return false
    if (view.section && sectionOf(job) !== view.section) return false
    if (view.platform && !job.platforms.some(({ name }) => name === view.platform)) return false
    if (view.target && (targetOf(job) ?? 'none') !== view.target) return false
    const where = `${job.name} ${job.synopsis ?? ''}`.toLowerCase()
    return words.every((word) => where.includes(word))
  })
}

/** When a job was built last. */
const newestOf = ({ platforms }: OverviewJob): string =>
  platforms.reduce((newest, { newestBuildAt }) => (newestBuildAt > newest ? newestBuildAt : newest), '')

const comparisons: Record<Order, (one: OverviewJob, other: OverviewJob) => number> = {
  name: () => 0,
  newest: (one, other) => newestOf(other).localeCompare(newestOf(one)),
  largest: (one, other) => (other.sizeBytes ?? -1) - (one.sizeBytes ?? -1),
}

export const stateWords: Record<State, string> = {
  failing: 'failing',
  disputed: 'disputed',
  affected: 'with known issues',
  unconfirmed: 'not repeated yet',
  stale: 'not built lately',
}

function groupsOf(job: OverviewJob, grouping: Grouping): string[] {
  switch (grouping) {
    case 'section':
      return [sectionOf(job)]
    case 'target':
      return [targetOf(job) ?? 'No unikernel']
    case 'platform':
      return job.platforms.map(({ name }) => name)
    case 'state': {
      const found = Object.keys(states).filter((state): state is State => isIn(state as State, job))
      return [found[0] ? stateWords[found[0]] : 'good']
    }
    case 'nothing':
      return ['Jobs']
  }
}

/** Jobs under headings: sections with unikernels first, states from the worst to the best, others by name. */
export function groupJobs(
  jobs: readonly OverviewJob[],
  { grouping, order }: Pick<View, 'grouping' | 'order'>,
): [heading: string, jobs: OverviewJob[]][] {
  const groups = new Map<string, OverviewJob[]>()
  for (const job of jobs.toSorted(comparisons[order]))
    for (const heading of groupsOf(job, grouping)) {
      const group = groups.get(heading)
      if (group) group.push(job)
      else groups.set(heading, [job])
    }
  const stateNames = Object.values(stateWords)
  const rank = (heading: string) =>
    grouping === 'section'
      ? rankOfSection(heading)
      : grouping === 'state'
        ? stateNames.indexOf(heading) + 1 || 9
        : 0
  return [...groups].toSorted(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b, 'en'))
}

/** The groups down to so many rows. */
export function firstRows(
  groups: readonly [heading: string, jobs: OverviewJob[]][],
  rows: number,
): [heading: string, jobs: OverviewJob[]][] {
  return groups.flatMap(([heading, jobs], index) => {
    const before = groups.slice(0, index).reduce((sum, [, own]) => sum + own.length, 0)
    return before < rows ? [[heading, jobs.slice(0, rows - before)]] : []
  })
}
