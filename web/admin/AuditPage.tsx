import type { ApolloClient } from '@apollo/client'
import { Form, Link, type LoaderFunctionArgs, useSearchParams } from 'react-router'
import { useChangeSearch } from '../address/use-change-search.ts'
import { BuildFilters } from '../builds/BuildFilters.tsx'
import type { AuditResult } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { paths } from '../paths.ts'
import { readDays, toInstants } from '../ui/day-filter.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { LongText } from '../ui/LongText.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Cell, Row, Table } from '../ui/Table.tsx'
import { visibleName, visibleText } from '../ui/visible-text.ts'
import { textOf } from './ActButton.tsx'
import { AdminFrame } from './AdminFrame.tsx'
import { loadAdmin } from './load-admin.ts'
import { readDetail } from './read-detail.ts'

const AdminAuditQuery = graphql(`
  query AdminAudit($filter: AuditFilter!, $first: Int, $after: String, $last: Int, $before: String) {
    admin {
      auditActions
      audit(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
        nodes {
          id
          at
          actor
          via
          credential
          address
          action
          target
          result
          detail
        }
        pageInfo {
          ...Pager
        }
        totalCount
      }
    }
  }
`)

export const loadAuditPage = (client: ApolloClient, { request }: LoaderFunctionArgs) => {
  const search = new URL(request.url).searchParams
  const filter = {
    actor: search.get('actor') || null,
    action: search.get('action') || null,
    result: readResult(search),
    ...toInstants(readDays(search)),
  }
  return loadAdmin(client, AdminAuditQuery, { filter, ...readPage(search, 50) })
}

const resultFilter = {
  parameter: 'result',
  label: 'Result',
  options: [
    { value: 'done', label: 'done' },
    { value: 'refused', label: 'refused' },
    { value: 'failed', label: 'failed' },
  ],
}

const results: Record<string, AuditResult> = { done: 'DONE', refused: 'REFUSED', failed: 'FAILED' }

/** The result that an address asks for; one that does not exist counts as none. */
function readResult(search: URLSearchParams): AuditResult | null {
  const result = search.get('result') ?? ''
  return Object.hasOwn(results, result) ? (results[result] ?? null) : null
}

const columns = [
  { name: 'Time' },
  { name: 'Who' },
  { name: 'Action' },
  { name: 'On' },
  { name: 'Result' },
  { name: 'What changed' },
]

/** Who did what, the newest first. The filters are in the address. */
export function AuditPage() {
  const loaded = useLoaded<typeof loadAuditPage>()
  const [search] = useSearchParams()
  const changeSearch = useChangeSearch()
  return (
    <AdminFrame title="Audit log" command="hub audit --user NAME --action ACTION" loaded={loaded}>
      {({ audit, auditActions }) => (
        <>
          <div className="mb-2 flex flex-wrap items-center gap-x-4 gap-y-2">
            <Form
              className="flex items-center gap-2 text-small"
              onSubmit={(event) => {
                event.preventDefault()
                const actor = textOf(new FormData(event.currentTarget), 'actor')
                changeSearch((now) => {
                  if (actor) now.set('actor', actor)
                  else now.delete('actor')
                  now.delete('after')
                  now.delete('before')
                }, 'push')
              }}
            >
              <label htmlFor="audit-actor" className="text-quiet">
                User
              </label>
              <input
                // Another address replaces the text of this field.
                key={search.get('actor')}
                id="audit-actor"
                name="actor"
                type="search"
                defaultValue={search.get('actor') ?? ''}
                className="h-8 w-36 rounded-md border border-line-strong bg-surface px-2"
              />
            </Form>
            <BuildFilters
              filters={[
                {
                  parameter: 'action',
                  label: 'Action',
                  options: auditActions.map((action) => ({ value: action, label: action })),
                },
                resultFilter,
              ]}
              hasDays
            />
            <span className="text-small text-quiet tabular-nums">
              {audit.totalCount.toLocaleString('en-US')} {audit.totalCount === 1 ? 'entry' : 'entries'}
            </span>
          </div>
          {audit.nodes.length === 0 ? (
            <Empty>{search.size > 0 ? 'No entry is like this.' : 'Nothing has been done yet.'}</Empty>
          ) : (
            <Table label="Audit log" columns={columns} className="many-columns">
              {audit.nodes.map((entry) => (
                <Row key={entry.id}>
                  <Cell className="whitespace-nowrap">
                    <ExactTime at={entry.at} />
                  </Cell>
                  <Cell className="name">
                    {entry.actor === null ? (
                      <span className="text-quiet">{entry.via}</span>
                    ) : (
                      visibleName(entry.actor)
                    )}
                    <span className="text-quiet">
                      {entry.actor !== null && ` by ${entry.via}`}
                      {entry.credential !== null && ` ${entry.credential}`}
                      {entry.address !== null && `, ${entry.address}`}
                    </span>
                  </Cell>
                  <Cell className="whitespace-nowrap">
                    <code>{entry.action}</code>
                  </Cell>
                  <Cell className="name">
                    {entry.target && <Target action={entry.action} target={entry.target} />}
                  </Cell>
                  <Cell className={entry.result === 'DONE' ? 'text-quiet' : 'font-semibold text-warn'}>
                    {entry.result.toLowerCase()}
                  </Cell>
                  <Cell className="whole-line wrap-anywhere roomy:w-full">
                    {entry.detail && (
                      <LongText text={visibleText(readDetail(entry.detail))} what="the change" />
                    )}
                  </Cell>
                </Row>
              ))}
            </Table>
          )}
          <Pager pageInfo={audit.pageInfo} label="Pages of the audit log" />
        </>
      )}
    </AdminFrame>
  )
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** On what it was done. A build is a link, which leads to it or says that there is none any more. */
function Target({ action, target }: { action: string; target: string }) {
  if (!action.startsWith('build.') || !uuidPattern.test(target)) return visibleText(target)
  return (
    <Link to={paths.search(target)} title={target}>
      build {target.slice(0, 8)}
    </Link>
  )
}
