import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors'
import { useEffect, useState } from 'react'
import { useRouteError } from 'react-router'
import { Notice } from '../ui/Notice.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'
import { findServerState, isNetworkError, isPartMissing, reloadOnce } from './release.ts'

type Failure = { title: string; advice: string; requestId: string | null; isMending: boolean }

/** Describes an error for the reader of the page. `isMending`: it may pass, and the page waits for that. */
export function describeFailure(error: unknown): Failure {
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors
    const requestId = first?.extensions?.['requestId']
    return {
      title: 'The server could not answer',
      advice: `It said: ${first?.message ?? error.message}`,
      requestId: typeof requestId === 'string' ? requestId : null,
      isMending: false,
    }
  }
  if (ServerError.is(error)) {
    return {
      title: 'The server could not answer',
      advice: `It answered with HTTP status ${error.statusCode}.`,
      requestId: error.response.headers.get('x-request-id'),
      isMending: false,
    }
  }
  if (isPartMissing(error)) {
    return {
      title: 'A part of this page did not arrive',
      advice: 'The network is down, or a new version of Builder Hub took the place of this one.',
      requestId: null,
      isMending: true,
    }
  }
  if (isNetworkError(error)) {
    return {
      title: 'The server does not answer',
      advice: 'It may be restarting, or the network is down.',
      requestId: null,
      isMending: true,
    }
  }
  return {
    title: 'This page broke',
    advice: `That is a mistake in Builder Hub: ${error instanceof Error ? error.message : 'unknown error'}`,
    requestId: null,
    isMending: false,
  }
}

export function ErrorPage() {
  const error = useRouteError()
  const failure = describeFailure(error)
  return failure.isMending ? <Mending error={error} failure={failure} /> : <Broken failure={failure} />
}

/** Looks for the server until it answers, and loads the page anew, by itself once for each failure. */
function Mending({ error, failure }: { error: unknown; failure: Failure }) {
  const [isStuck, setIsStuck] = useState(false)
  const cause = `${location.pathname}: ${error instanceof Error ? error.message : String(error)}`
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isGone = false
    async function look() {
      clearTimeout(timer)
      const state = await findServerState()
      if (isGone) return
      if (state === 'unreachable') timer = setTimeout(() => void look(), retryMs)
      else if (!reloadOnce(cause)) setIsStuck(true)
    }
    const onOnline = () => void look()
    addEventListener('online', onOnline)
    void look()
    return () => {
      isGone = true
      clearTimeout(timer)
      removeEventListener('online', onOnline)
    }
  }, [cause])
  const advice = isStuck
    ? 'The server answers, but a part of this page could not be loaded. Whoever runs this site should know.'
    : `${failure.advice} The page is loaded anew by itself as soon as the server answers.`
  return <Broken failure={{ ...failure, advice }} />
}

/** How long the server is left alone between two looks for it. */
const retryMs = 5_000

function Broken({ failure: { title, advice, requestId } }: { failure: Failure }) {
  return (
    <Notice title={title}>
      <PageTitle>{`${title} · Builder Hub`}</PageTitle>
      <p role="status">{advice}</p>
      {requestId && (
        <p>
          The operator of this site finds the reason in the log under <code>{requestId}</code>.
        </p>
      )}
      <p>
        <button type="button" className="control" onClick={() => location.reload()}>
          Try again
        </button>
      </p>
    </Notice>
  )
}
