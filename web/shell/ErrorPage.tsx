import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors'
import { useRouteError } from 'react-router'
import { Notice } from '../ui/Notice.tsx'

type Failure = { title: string; advice: string; requestId: string | null }

/** Describes an error for the reader of the page. */
export function describeFailure(error: unknown): Failure {
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors
    const requestId = first?.extensions?.['requestId']
    return {
      title: 'The server could not answer',
      advice: `It said: ${first?.message ?? error.message}`,
      requestId: typeof requestId === 'string' ? requestId : null,
    }
  }
  if (ServerError.is(error)) {
    return {
      title: 'The server could not answer',
      advice: `It answered with HTTP status ${error.statusCode}.`,
      requestId: error.response.headers.get('x-request-id'),
    }
  }
  if (error instanceof TypeError && /fetch|network/i.test(error.message)) {
    return {
      title: 'The server does not answer',
      advice: 'It may be restarting, or the network is down.',
      requestId: null,
    }
  }
  return {
    title: 'This page broke',
    advice: `That is a mistake in Builder Hub: ${error instanceof Error ? error.message : 'unknown error'}`,
    requestId: null,
  }
}

export function ErrorPage() {
  const { title, advice, requestId } = describeFailure(useRouteError())
  return (
    <Notice title={title}>
      <title>{`${title} · Builder Hub`}</title>
      <p>{advice}</p>
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
