import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { limits } from './limits.ts'

const exampleQuery = `# An operation costs at most ${limits.cost}, and has at most ${limits.depth} levels and ${limits.aliases} aliases. A list has
# ${limits.defaultPageSize} items without "first" and "last", and at most ${limits.maxPageSize}. "site { limits { cost } }" has all limits.

# What was built last, and how did it go?
{
  builds(first: 5) {
    nodes {
      job { name }
      platform { name }
      startedAt
      status
      mainBinary { path sizeBytes sha256 resourcePath }
    }
  }
}
`

let rendered: Promise<{ headers: Record<string, string | number>; body: Buffer }> | undefined

/** GraphiQL in one page of some megabytes. The page is created once and cached in compressed form. */
export function graphiqlPage() {
  rendered ??= render()
  return rendered
}

async function render() {
  // 9 MB of source: loaded for the first visitor only, so that the server starts in half of the time.
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({ title: 'Builder Hub API', defaultQuery: exampleQuery })
  const body = await promisify(gzip)(html)
  const hashes = [...html.matchAll(/<script>(.*?)<\/script>/gs)].map(
    ([, script]) =>
      `'sha256-${createHash('sha256')
        .update(script ?? '')
        .digest('base64')}'`,
  )
  return {
    body,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Encoding': 'gzip',
      'Content-Length': body.length,
      'Cache-Control': 'public, max-age=3600',
      // The editor creates workers from blobs, and inline styles.
      'Content-Security-Policy': [
        `default-src 'none'`,
        `script-src ${hashes.join(' ')} 'unsafe-eval' blob:`,
        `style-src 'unsafe-inline'`,
        `worker-src blob:`,
        `img-src data:`,
        `font-src data:`,
        `connect-src 'self'`,
        `base-uri 'none'`,
        `form-action 'none'`,
        `frame-ancestors 'none'`,
      ].join('; '),
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
    },
  }
}
