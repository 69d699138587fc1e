import { graphql } from '../../generated/operations/gql.ts'
import { mirrorKind, parseMirrorProgress, type MirrorState } from '../../imports/remote/mirror-progress.ts'
import { maxErrors, type TaskCounts } from '../../runner/count-tasks.ts'
import { groupBy } from '../../group-by.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'

const kindsDocument = graphql(`
  query CommandTaskKinds {
    admin {
      taskKinds
    }
  }
`)

const countsDocument = graphql(`
  query CommandTaskCounts($kind: String!) {
    admin {
      pending: tasks(first: 1, filter: { kind: $kind, state: PENDING }) {
        totalCount
      }
      running: tasks(first: 1, filter: { kind: $kind, state: RUNNING }) {
        totalCount
      }
      done: tasks(first: 1, filter: { kind: $kind, state: DONE }) {
        totalCount
      }
      failed: tasks(first: 1, filter: { kind: $kind, state: FAILED }) {
        totalCount
      }
      dead: tasks(first: 1, filter: { kind: $kind, state: DEAD }) {
        totalCount
      }
    }
  }
`)

const deadDocument = graphql(`
  query CommandDeadTasks($first: Int, $after: String, $kind: String) {
    admin {
      tasks(first: $first, after: $after, filter: { kind: $kind, state: DEAD }) {
        nodes {
          id
          kind
          key
          error
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const mirrorDocument = graphql(`
  query CommandMirror($kind: String!) {
    admin {
      tasks(first: 1, filter: { kind: $kind }) {
        nodes {
          error
          progress
        }
      }
    }
  }
`)

const retryDocument = graphql(`
  mutation CommandRetryTask($id: ID!) {
    retryTask(id: $id) {
      ... on RetryTaskSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

/** As `countTasks`, of the kinds that the server of the site runs. */
export async function countTasksAt(site: RemoteSite): Promise<TaskCounts> {
  const kinds: TaskCounts['kinds'] = []
  for (const kind of await taskKindsAt(site)) {
    const { admin } = await site.ask(countsDocument, { kind })
    if (!admin) continue
    const { pending, running, done, failed, dead } = admin
    const row = {
      ...{ kind, pending: pending.totalCount, running: running.totalCount, done: done.totalCount },
      ...{ failed: failed.totalCount, dead: dead.totalCount },
    }
    if (row.pending + row.running + row.done + row.failed + row.dead > 0) kinds.push(row)
  }
  return { kinds, dead: kinds.some(({ dead }) => dead > 0) ? await findErrorsAt(site) : [] }
}

/** The kinds of tasks that the server of a site runs, by name. */
export async function taskKindsAt(site: RemoteSite): Promise<readonly string[]> {
  return (await site.ask(kindsDocument, {})).admin?.taskKinds ?? []
}

/** The errors of dead tasks, the most frequent first. */
async function findErrorsAt(site: RemoteSite): Promise<TaskCounts['dead']> {
  const tasks = await allItems(site, deadDocument, { kind: null }, ({ admin }) => admin?.tasks)
  const groups = groupBy(tasks, ({ kind, error }) => JSON.stringify([kind, error]))
  const errors = [...groups.values()].flatMap((group) => {
    const [first] = group
    const key =
      group
        .map((one) => one.key)
        .toSorted()
        .at(-1) ?? ''
    return first
      ? [{ kind: first.kind, error: first.error ?? 'no error is known', count: group.length, key }]
      : []
  })
  const rank = ({ kind, error }: { kind: string; error: string }) => `${kind}\0${error}`
  return errors
    .toSorted((one, other) => other.count - one.count || (rank(one) < rank(other) ? -1 : 1))
    .slice(0, maxErrors)
}

/** As `readMirrorState`. */
export async function readMirrorStateAt(site: RemoteSite): Promise<MirrorState> {
  const { admin } = await site.ask(mirrorDocument, { kind: mirrorKind })
  const task = admin?.tasks.nodes[0]
  return { ...parseMirrorProgress(task?.progress ?? null), error: task?.error ?? null }
}

/** Runs dead tasks again, of this kind or of all. Returns how many. */
export async function retryTasksAt(site: RemoteSite, kind: string | null): Promise<number> {
  const tasks = await allItems(site, deadDocument, { kind }, ({ admin }) => admin?.tasks)
  for (const { id } of tasks) await site.act(retryDocument, { id })
  return tasks.length
}
