import type { Deps } from '../deps.ts'
import type { HttpRoute } from '../http.ts'

/** URLs of large or slow responses. Search engines may index the pages. */
const robots = `User-agent: *
Disallow: /job/*/build/*/f/
Disallow: /job/*/build/*/main-binary
Disallow: /job/*/build/*/script
Disallow: /job/*/build/*/console
Disallow: /job/*/build/*/all.tar.gz
Disallow: /job/*/build/*/exec
Disallow: /compare/
`

/** Search engines cannot sign in. */
const privateRobots = 'User-agent: *\nDisallow: /\n'

/** `GET /robots.txt`, as builder-web has it (RFC 9309). */
export function robotsRoute({ config: { isPrivate } }: Pick<Deps, 'config'>): HttpRoute {
  const text = isPrivate ? privateRobots : robots
  return {
    methods: ['GET', 'HEAD'],
    path: '/robots.txt',
    needs: 'none',
    handle({ request, response }) {
      response.writeHead(200, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': text.length,
        'X-Content-Type-Options': 'nosniff',
      })
      response.end(request.method === 'HEAD' ? undefined : text)
    },
  }
}
