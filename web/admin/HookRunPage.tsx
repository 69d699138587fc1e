import type { ApolloClient } from '@apollo/client'
import { Link, type LoaderFunctionArgs } from 'react-router'
import { readFragment } from '../gql/fragment-masking.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { adminPaths, paths } from '../paths.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { formatDuration } from '../ui/duration.ts'
import { ExactTime } from '../ui/ExactTime.tsx'
import { Name } from '../ui/Name.tsx'
import { Empty } from '../ui/Notice.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { ActButton } from './ActButton.tsx'
import { AdminFrame, AdminSection, Facts } from './AdminFrame.tsx'
import { HookRunRow, hookStateTone, hookStateWords, tookMs } from './HookRunTable.tsx'
import { loadAdmin } from './load-admin.ts'

const AdminHookRunQuery = graphql(`
  query AdminHookRun($id: ID!) {
    admin {
      mayChange
      hookRun(id: $id) {
        ...HookRunRow
        eventId
        exitStatus
        signal
        printedBytes
        output
        canBeRetried
      }
    }
  }
`)

const RetryHookRunMutation = graphql(`
  mutation RetryHookRun($id: ID!) {
    retryHookRun(id: $id) {
      __typename
      ... on Refusal {
        message
      }
    }
  }
`)

export async function loadHookRunPage(client: ApolloClient, { params }: LoaderFunctionArgs) {
  const id = /^\d{1,9}$/.test(params['run'] ?? '') ? (params['run'] ?? '') : '0'
  return { id, loaded: await loadAdmin(client, AdminHookRunQuery, { id }) }
}

/** One run of a hook: how it ended, and what it printed. */
export function HookRunPage() {
  const { id, loaded } = useLoaded<typeof loadHookRunPage>()
  return (
    <AdminFrame
      title="Run of a hook"
      command={`hub hooks show ${id} · hub hooks retry ${id}`}
      loaded={loaded}
    >
      {({ hookRun, mayChange }) => {
        if (hookRun === null)
          return (
            <Empty>
              There is no such run: see <Link to={adminPaths.hooks}>all runs</Link>. Old ones are forgotten.
            </Empty>
          )
        const run = readFragment(HookRunRow, hookRun)
        const took = tookMs(run)
        return (
          <>
            <Facts
              facts={[
                [
                  'Hook',
                  <Link to={adminPaths.hookRunsOf(run.hook)}>
                    <Name>{run.hook}</Name>
                  </Link>,
                ],
                [
                  'Build',
                  <>
                    <Link to={paths.build(run.job, run.buildUuid)}>
                      <Name>{run.job}</Name>
                    </Link>{' '}
                    on <Name>{run.platform}</Name>
                  </>,
                ],
                ['State', <span className={hookStateTone(run.state)}>{hookStateWords(run)}</span>],
                ...(run.error ? ([['Why', visibleText(run.error)]] as const) : []),
                [
                  'Ended with',
                  hookRun.signal ??
                    (hookRun.exitStatus === null ? 'nothing' : `status ${hookRun.exitStatus}`),
                ],
                ['Event', <code className="wrap-anywhere">{hookRun.eventId}</code>],
                ['Happened', <ExactTime at={run.createdAt} />],
                ['Started', run.startedAt ? <ExactTime at={run.startedAt} /> : 'not yet'],
                ['Took', took === null ? 'not known yet' : formatDuration(took)],
              ]}
            />
            {mayChange && hookRun.canBeRetried && (
              <p className="mt-4">
                <ActButton label="Run it again" mutation={RetryHookRunMutation} variables={{ id: run.id }} />
              </p>
            )}
            <AdminSection title="Output">
              {hookRun.output === null ? (
                <Empty>
                  {hookRun.printedBytes === null ? 'It has not ended yet.' : 'It printed nothing.'}
                </Empty>
              ) : (
                <>
                  <p className="mb-2 text-small text-quiet">
                    <ByteSize bytes={hookRun.printedBytes ?? 0} /> of the last attempt
                  </p>
                  <CodeBlock text={visibleText(hookRun.output)} label="Output" />
                </>
              )}
            </AdminSection>
          </>
        )
      }}
    </AdminFrame>
  )
}
