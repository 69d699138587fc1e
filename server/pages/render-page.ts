import { existsSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import type { Deps } from '../deps.ts'

/** A page as the web application draws it first. */
export type FirstPage = {
  /** Content of `#app`. */
  markup: string
  /** JSON that is safe within a script element: the answers in the page, from which the application goes on. */
  json: string
  /** Paths of the scripts that this page needs beside those of every page. */
  scripts: readonly string[]
}

/** Draws the page of an address, such as `https://builds.example.org/job/hello`. Null: the application shows that nothing is there, or something else. */
export type DrawPage = (
  request: IncomingMessage,
  response: ServerResponse,
  url: string,
) => Promise<FirstPage | null>

/** Answers a GET request for an address of the API, as part of the request for a page. */
type AskApi = (
  url: string,
  init: { headers: Record<string, string> },
  page: { req: IncomingMessage; res: ServerResponse },
) => Promise<Response> | Response

type Operation = { sha256: string; variables: object; operationName: string | undefined }

/** What web/render.tsx exports. */
type Renderer = {
  renderPage: (
    url: string,
    ask: (operation: Operation) => Promise<object>,
  ) => Promise<{ markup: string; answers: object; module: string | null } | null>
}

/** Vite's list of what it has built: https://vite.dev/guide/backend-integration */
const manifestSchema = z.record(
  z.string(),
  z.object({ file: z.string(), isEntry: z.boolean().optional(), imports: z.array(z.string()).optional() }),
)
type Manifest = z.infer<typeof manifestSchema>

/**
 * Draws pages with the program in `rendererFile`, which is loaded at the first page. The operations of a page go through
 * `askApi` as those of a browser do. Null: the program is not built.
 */
export function pageDrawer(
  { log }: Pick<Deps, 'log'>,
  askApi: AskApi,
  { rendererFile, webDir }: { rendererFile: string; webDir: string },
): DrawPage | null {
  const manifestFile = join(webDir, '.vite/manifest.json')
  if (!existsSync(rendererFile) || !existsSync(manifestFile)) return null
  const manifest = manifestSchema.parse(JSON.parse(readFileSync(manifestFile, 'utf8')))
  let loading: Promise<Renderer> | null = null

  return async (request, response, url) => {
    const ask = async ({ sha256, variables, operationName }: Operation) => {
      // What a body is read from is the request of the page, which has none.
      const asked = new URLSearchParams({
        ...(operationName === undefined ? {} : { operationName }),
        variables: JSON.stringify(variables),
        extensions: JSON.stringify({ persistedQuery: { version: 1, sha256Hash: sha256 } }),
      })
      const answer = await askApi(
        `http://hub/graphql?${asked.toString()}`,
        { headers: { Accept: 'application/json' } },
        { req: request, res: response },
      )
      return (await answer.json()) as object
    }
    try {
      loading ??= import(pathToFileURL(rendererFile).href) as Promise<Renderer>
      const { renderPage } = await loading
      const drawn = await renderPage(url, ask)
      return (
        drawn && {
          markup: drawn.markup,
          json: JSON.stringify(drawn.answers).replaceAll('<', '\\u003c'),
          scripts: drawn.module === null ? [] : scriptsOf(manifest, drawn.module),
        }
      )
    } catch (error) {
      // The application draws the page, or says what is wrong.
      log.error({ err: error, url }, 'page was not drawn')
      return null
    }
  }
}

/** The script of a module and of all that it imports, without those of the entry, which every page has. */
function scriptsOf(manifest: Manifest, module: string): string[] {
  const [entry = ''] = Object.keys(manifest).filter((name) => manifest[name]?.isEntry === true)
  const seen = reachable(manifest, entry)
  return [...reachable(manifest, module)]
    .filter((name) => !seen.has(name))
    .flatMap((name) => manifest[name]?.file ?? [])
    .map((file) => `/${file}`)
}

function reachable(manifest: Manifest, name: string, found = new Set<string>()): Set<string> {
  if (found.has(name)) return found
  found.add(name)
  for (const next of manifest[name]?.imports ?? []) reachable(manifest, next, found)
  return found
}
