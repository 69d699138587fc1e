import { sendBlob } from '../artifacts/send-blob.ts'
import type { Deps } from '../deps.ts'
import { sendText, type HttpHandler, type HttpRoute } from '../http.ts'
import { findRepositoryFile } from './find-repository-file.ts'

/** The files of package repositories: `/apt/debian-12/dists/…`, `/pkg/FreeBSD:14:amd64/data.pkg`. */
export function repositoryRoutes(deps: Pick<Deps, 'blobs' | 'config' | 'db'>): HttpRoute[] {
  const send =
    (kind: 'apt' | 'pkg'): HttpHandler =>
    async (context) => {
      const { repository = '', '*': path = '' } = context.params
      const name = `${kind}/${repository}`
      const file = await findRepositoryFile(deps.db, name, path)
      if (!file) {
        const headers = { 'Cache-Control': 'no-cache' }
        sendText(context.response, 404, `the repository ${name} has no file ${path}`, headers)
        return
      }
      const { isFinal, publishedAt, ...content } = file
      await sendBlob(context, deps, {
        ...content,
        isChanging: !isFinal,
        name: path.split('/').at(-1) ?? path,
        mediaType: mediaTypeOf(path),
        modifiedAt: publishedAt,
      })
    }
  return (['apt', 'pkg'] as const).map((kind) => ({
    methods: ['GET', 'HEAD'],
    path: `/${kind}/:repository/*`,
    handle: send(kind),
  }))
}

function mediaTypeOf(path: string): string {
  if (path.endsWith('.deb')) return 'application/vnd.debian.binary-package'
  if (path.endsWith('.asc') || path.endsWith('.gpg')) return 'application/pgp-keys'
  return 'application/octet-stream'
}
