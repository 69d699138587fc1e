import { graphql } from '../../generated/operations/gql.ts'
import type { HookRunOfCommandFragment } from '../../generated/operations/graphql.ts'
import { HookRunNotFoundError } from '../../hooks/ask-for-run.ts'
import type { HookEvent } from '../../hooks/hook-event.ts'
import type { HookRunFilter, UnreadFolder } from '../../hooks/list-hook-runs.ts'
import type { PrintedHook, PrintedHookRun } from '../print-hooks.ts'
import { allItems } from './all-items.ts'
import type { RemoteSite } from './remote-site.ts'
import { toDate, toDateOrNull } from './times.ts'

export const hookRunFragment = graphql(`
  fragment HookRunOfCommand on HookRun {
    id
    event
    eventId
    hook
    buildUuid
    job
    platform
    verdict
    previousVerdict
    isTest
    state
    attempts
    exitStatus
    signal
    error
    printedBytes
    createdAt
    startedAt
    finishedAt
  }
`)

const listDocument = graphql(`
  query CommandHooks {
    admin {
      hooks {
        event
        name
        isExecutable
        lastRun {
          ...HookRunOfCommand
        }
      }
      unreadHookFolders {
        folder
        problem
      }
    }
  }
`)

const runsDocument = graphql(`
  query CommandHookRuns($first: Int, $after: String, $filter: HookRunFilter) {
    admin {
      hookRuns(first: $first, after: $after, filter: $filter) {
        nodes {
          ...HookRunOfCommand
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

const showDocument = graphql(`
  query CommandHookRun($id: ID!) {
    admin {
      hookRun(id: $id) {
        ...HookRunOfCommand
        output
      }
    }
  }
`)

const retryDocument = graphql(`
  mutation CommandRetryHookRun($id: ID!) {
    retryHookRun(id: $id) {
      ... on RetryHookRunSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const testDocument = graphql(`
  mutation CommandTestHook($event: HookEvent!, $name: String!, $build: UUID) {
    testHook(event: $event, name: $name, build: $build) {
      ... on TestHookSuccess {
        id
      }
      ... on Refusal {
        refusal: message
      }
    }
  }
`)

const toRun = ({
  id,
  createdAt,
  startedAt,
  finishedAt,
  ...own
}: HookRunOfCommandFragment): PrintedHookRun => ({
  ...{ ...own, id: Number(id), createdAt: toDate(createdAt) },
  ...{ startedAt: toDateOrNull(startedAt), finishedAt: toDateOrNull(finishedAt) },
})

/** The hooks of a site, and the folders that it cannot read. */
export async function listHooksAt(
  site: RemoteSite,
): Promise<{ hooks: PrintedHook[]; unread: readonly UnreadFolder[] }> {
  const { admin } = await site.ask(listDocument, {})
  const hooks = (admin?.hooks ?? []).map(({ lastRun, ...own }) => ({
    ...{ ...own, lastRun: lastRun && toRun(lastRun) },
  }))
  return { hooks, unread: admin?.unreadHookFolders ?? [] }
}

/** As `findHookRuns`. */
export async function listHookRunsAt(
  site: RemoteSite,
  { state, hook, build }: HookRunFilter,
  limit: number,
): Promise<PrintedHookRun[]> {
  const filter = {
    ...(state == null ? {} : { state }),
    ...(hook == null ? {} : { hook }),
    ...(build == null ? {} : { build }),
  }
  const runs = await allItems(site, runsDocument, { filter }, ({ admin }) => admin?.hookRuns, limit)
  return runs.map(toRun)
}

/** A run with what it printed. Throws HookRunNotFoundError. */
export async function showHookRunAt(
  site: RemoteSite,
  id: number,
): Promise<{ run: PrintedHookRun; output: string | null }> {
  const { admin } = await site.ask(showDocument, { id: String(id) })
  if (!admin?.hookRun) throw new HookRunNotFoundError(noHookRun(id))
  const { output, ...run } = admin.hookRun
  return { run: toRun(run), output }
}

/** Says that there is no such run. */
export const noHookRun = (id: number) => `there is no run ${id}: "hub hooks runs" lists them`

export async function retryHookRunAt(site: RemoteSite, id: number): Promise<void> {
  await site.act(retryDocument, { id: String(id) })
}

/** Number of the run. */
export async function testHookAt(
  site: RemoteSite,
  { event, name, uuid }: { event: HookEvent; name: string; uuid: string | null },
): Promise<number> {
  return Number((await site.act(testDocument, { event, name, build: uuid })).id)
}
