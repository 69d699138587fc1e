import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'

/**
 * Answers one plain HTTP request. `params` are the parameters of the path, percent-decoded once.
 * An exception is a bug: the caller logs it and answers 500.
 */
export type HttpHandler = (context: {
  request: IncomingMessage
  response: ServerResponse
  params: Record<string, string | undefined>
  query: URLSearchParams
}) => void | Promise<void>

/**
 * `path` is in find-my-way's syntax: `/job/:job/build/:uuid/f/*`. `needs`: what the sender of a request to a private site needs;
 * `none`: nothing, or the handler checks itself. Default: `read`.
 */
export type HttpRoute = {
  methods: readonly string[]
  path: string
  handle: HttpHandler
  needs?: 'read' | 'none'
}

/** Answer one line of text. `line` has no line end and may quote input of the client. */
export function sendText(
  response: ServerResponse,
  status: number,
  line: string,
  headers: OutgoingHttpHeaders = {},
): void {
  // A quoted name may contain line breaks or escape sequences for the terminal.
  const body = Buffer.from(`${line.replace(/\p{Cc}/gu, '\u{fffd}')}\n`)
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    'X-Content-Type-Options': 'nosniff',
    ...headers,
  })
  response.end(body)
}

/** Redirect to a path of this site. `location` is already percent-encoded. */
export function sendRedirect(
  response: ServerResponse,
  status: 302 | 307 | 308,
  location: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { Location: location, 'Content-Length': 0, ...headers })
  response.end()
}
