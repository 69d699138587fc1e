import type { ApolloClient } from '@apollo/client'
import { useReadQuery } from '@apollo/client/react'
import { type LoaderFunctionArgs } from 'react-router'
import { preload } from '../apollo.ts'
import type { WorkersPageQuery as WorkersPageQueryData } from '../gql/graphql.ts'
import { graphql } from '../gql/index.ts'
import { useLoaded } from '../loaded.ts'
import { useSiteAddress } from '../site-address.ts'
import { readPage } from '../paging/page.ts'
import { Pager } from '../paging/Pager.tsx'
import { present } from '../present.ts'
import { SchedulingHead } from '../schedule/SchedulingHead.tsx'
import { useFresh } from '../schedule/use-fresh.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Empty } from '../ui/Notice.tsx'
import { WorkerTable } from './WorkerTable.tsx'

const WorkersPageQuery = graphql(`
  query WorkersPage(
    $first: Int
    $after: String
    $last: Int
    $before: String
    $firstGone: Int
    $afterGone: String
    $lastGone: Int
    $beforeGone: String
  ) {
    connected: workers(
      filter: { isConnected: true }
      first: $first
      after: $after
      last: $last
      before: $before
    ) {
      nodes {
        name
        ...WorkerRow
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
    gone: workers(
      filter: { isConnected: false }
      first: $firstGone
      after: $afterGone
      last: $lastGone
      before: $beforeGone
    ) {
      nodes {
        name
        ...WorkerRow
      }
      pageInfo {
        ...Pager
      }
      totalCount
    }
    workerListener {
      host
      port
      hasTls
      requiresToken
    }
  }
`)

const gonePrefix = 'gone-'

export async function loadWorkersPage(client: ApolloClient, { request }: LoaderFunctionArgs) {
  const search = new URL(request.url).searchParams
  const { first, after, last, before } = readPage(search, 20, gonePrefix)
  const gone = { firstGone: first, afterGone: after, lastGone: last, beforeGone: before }
  const given = Object.fromEntries(Object.entries(gone).filter(([, value]) => value !== undefined))
  return { query: await preload(client, WorkersPageQuery, { ...readPage(search, 50), ...given }) }
}

/** The programs that execute runs. */
export function WorkersPage() {
  const { query } = useLoaded<typeof loadWorkersPage>()
  const data = useReadQuery(query).data
  useFresh()
  const [connected, gone] = [present(data.connected), present(data.gone)]
  return (
    <>
      <SchedulingHead title="Workers" />
      {connected.nodes.length > 0 ? (
        <WorkerTable label="Connected workers" workers={connected.nodes} />
      ) : (
        <Empty>
          No worker is connected, so what is scheduled waits. Start one on a machine of each platform that you
          build on: the command is below.
        </Empty>
      )}
      <Pager
        pageInfo={connected.pageInfo}
        label="Pages of connected workers"
        backward="Previous"
        forward="Next"
      />
      {gone.totalCount > 0 && (
        <section className="mt-8" aria-labelledby="gone">
          <h2 id="gone" className="mb-2">
            Not connected
          </h2>
          <WorkerTable label="Workers that are not connected" workers={gone.nodes} />
          <Pager
            pageInfo={gone.pageInfo}
            label="Pages of workers that are not connected"
            backward="Previous"
            forward="Next"
            prefix={gonePrefix}
          />
        </section>
      )}
      <AddWorker listener={data.workerListener} />
    </>
  )
}

type Listener = NonNullable<WorkersPageQueryData['workerListener']>

const everywhere = ['0.0.0.0', '::']

/** The command that starts a worker. Without the address of the listener, its port has to be filled in. */
function commandFor(listener: Listener | null, hostname: string): string {
  if (!listener) return `hub worker --server ${hostname}:PORT --platform debian-12`
  const { hasTls, host, port, requiresToken } = listener
  const name = everywhere.includes(host) ? hostname : host.includes(':') ? `[${host}]` : host
  return [
    `hub worker --server ${name}:${port}`,
    ...(hasTls ? ['--tls'] : []),
    ...(requiresToken ? ['--token-file FILE'] : []),
    '--platform debian-12',
  ].join(' ')
}

function AddWorker({ listener }: { listener: Listener | null }) {
  const command = commandFor(listener, useSiteAddress().hostname)
  return (
    <section className="mt-8 max-w-[75ch]" aria-labelledby="add">
      <h2 id="add" className="mb-2">
        Add a worker
      </h2>
      <p>
        {listener === null ? (
          <>
            The server listens for workers at the address that <code>--builder-listen</code> names.
          </>
        ) : (
          <>
            The server listens for workers at{' '}
            <code>
              {listener.host}:{listener.port}
            </code>
            .
          </>
        )}{' '}
        On the machine that builds, run this, with the name of its platform:
      </p>
      <p className="mt-2 flex items-center gap-2 rounded-md border border-line bg-raised px-3 py-1">
        <code className="min-w-0 flex-1 wrap-anywhere">{command}</code>
        <CopyButton text={command} what="the command" />
      </p>
      {listener?.requiresToken === true && (
        <p className="mt-2">
          The file has a token with the scope <code>work</code>, of a user with the role of a worker:{' '}
          <code>hub token create NAME &quot;worker debian-12&quot; --scope work</code> prints one.
        </p>
      )}
      <p className="mt-2 text-quiet">
        <code>builder-worker</code> of builder connects to the same address, unchanged. A platform has its
        queue as soon as its first worker asks.
      </p>
    </section>
  )
}
