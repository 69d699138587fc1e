import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import type { HookEvent, HookRunState } from '../gql/graphql.ts'
import { readFragment } from '../gql/fragment-masking.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { adminPaths } from '../paths.ts'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { RelativeTime } from '../ui/RelativeTime.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton } from './ActButton.tsx'
import { AdminFrame, AdminSection } from './AdminFrame.tsx'
import { HookRunRow, HookRunTable, hookStateTone, hookStateWords } from './HookRunTable.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminHooksQuery = graphql(`
  query AdminHooks($filter: HookRunFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    admin {
      mayChange
      unreadHookFolders {
        folder
        problem
      }
      hooks {
        event
        name
        isExecutable
        lastRun {
          ...HookRunRow
        }
      }
      hookRuns(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes {
          ...HookRunRow
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

const TestHookMutation = graphql(`
  mutation TestHook($event: HookEvent!, $name: String!) {
    testHook(event: $event, name: $name) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

const states: Record<string, HookRunState> = {
  waits: 'PENDING',
  running: 'RUNNING',
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
  skipped: 'SKIPPED',
}

const stateFilter = {
  parameter: 'state',
  label: 'State',
  options: Object.keys(states).map((value) => ({ value, label: value })),
}

const folders: Record<HookEvent, string> = {
  UPLOAD: 'upload-hooks',
  FAILURE: 'failure-hooks',
  VERDICT: 'verdict-hooks',
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const loadHooksPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  const state = search.get('state') ?? ''
  const build = search.get('build') ?? ''
  const filter = {
    state: Object.hasOwn(states, state) ? (states[state] ?? null) : null,
    hook: search.get('hook'),
    build: uuidPattern.test(build) ? build : null,
  }
  return loadAdmin(client, AdminHooksQuery, { filter, ...readPage(search, 50) })
}

const columns = [
  { name: 'Hook' },
  { name: 'Runs when' },
  { name: 'Last run' },
  { name: 'Actions', hidden: true },
]

const occasions: Record<HookEvent, string> = {
  UPLOAD: 'a build with a main binary arrives',
  FAILURE: 'a failed build arrives',
  VERDICT: 'a verdict changes',
}

/** The programs that run when builds arrive, and their runs. */
export function HooksPage() {
  const loaded = useLoaded<typeof loadHooksPage>()
  const [search] = useSearchParams()
  const isFiltered = ['state', 'hook', 'build'].some((name) => search.has(name))
  return (
    <AdminFrame title="Hooks" command="hub hooks list · hub hooks runs · hub hooks test HOOK" loaded={loaded}>
      {({ hookRuns, hooks, mayChange, unreadHookFolders }) => (
        <>
          {unreadHookFolders.map(({ folder, problem }) => (
            <p key={folder} className="mb-2 text-bad wrap-anywhere">
              The hooks in <code>{visibleText(folder)}</code> cannot be read, so that none of them runs:{' '}
              {visibleText(problem)}
            </p>
          ))}
          {hooks.length === 0 ? (
            <Empty>
              No hook is installed: executable files <code>upload-hooks/*.sh</code> of the configuration
              directory run when builds arrive.
            </Empty>
          ) : (
            <Table label="Hooks" columns={columns}>
              {hooks.map(({ event, isExecutable, lastRun, name }) => {
                const last = readFragment(HookRunRow, lastRun)
                return (
                  <Row key={`${event} ${name}`}>
                    <Cell className="whole-line wrap-anywhere wide:min-w-56">
                      <span className="text-quiet">{folders[event]}/</span>
                      <Name>{name}</Name>
                    </Cell>
                    <Cell className="whole-line wide:w-full">
                      {isExecutable ? (
                        occasions[event]
                      ) : (
                        <span className="text-warn">never: the file is not executable</span>
                      )}
                    </Cell>
                    <Cell className="whitespace-nowrap">
                      {last ? (
                        <Link to={adminPaths.hookRun(last.id)} className={hookStateTone(last.state)}>
                          {hookStateWords(last)}
                        </Link>
                      ) : (
                        <span className="text-quiet">has not run</span>
                      )}{' '}
                      {last && <RelativeTime at={last.finishedAt ?? last.createdAt} />}
                    </Cell>
                    <Cell>
                      {mayChange && isExecutable && (
                        <ActButton
                          label="Test"
                          of={`the hook ${name} with the newest build`}
                          mutation={TestHookMutation}
                          variables={{ event, name }}
                        />
                      )}
                    </Cell>
                  </Row>
                )
              })}
            </Table>
          )}
          <AdminSection title="Runs">
            <BuildFilters
              filters={[
                stateFilter,
                {
                  parameter: 'hook',
                  label: 'Hook',
                  options: [...new Set(hooks.map(({ name }) => name))].map((name) => ({
                    value: name,
                    label: name,
                  })),
                },
              ]}
            />
            <p className="mt-2 mb-2 text-small text-quiet tabular-nums">
              {hookRuns.totalCount.toLocaleString('en-US')} {hookRuns.totalCount === 1 ? 'run' : 'runs'}
            </p>
            {hookRuns.nodes.length > 0 ? (
              <HookRunTable runs={readFragment(HookRunRow, hookRuns.nodes)} />
            ) : (
              <Empty>{isFiltered ? 'No run is like this.' : 'No hook has run yet.'}</Empty>
            )}
            <Pager pageInfo={hookRuns.pageInfo} label="Pages of runs of hooks" />
          </AdminSection>
        </>
      )}
    </AdminFrame>
  )
}
