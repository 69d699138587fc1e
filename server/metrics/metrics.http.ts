import { chmod, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Deps } from '../deps.ts'
import { sendText } from '../http.ts'
import type { MetricsAddress } from './metrics-address.ts'

/**
 * Serves `/metrics` in the text format of Prometheus, on an address of its own: the numbers are for operators, not for
 * visitors of the site. Resolves when it listens.
 */
export async function serveMetrics(
  { log, metrics }: Pick<Deps, 'log' | 'metrics'>,
  address: MetricsAddress,
): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?')
    if (path !== '/metrics') return sendText(response, 404, 'not found: the metrics are at /metrics')
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendText(response, 405, `nothing here answers ${request.method}`, { Allow: 'GET, HEAD' })
    metrics.registry.metrics().then(
      (text) => {
        response.writeHead(200, { 'Content-Type': metrics.registry.contentType, 'Cache-Control': 'no-store' })
        response.end(request.method === 'HEAD' ? undefined : text)
      },
      (error: unknown) => {
        log.error({ err: error }, 'metrics not read')
        sendText(response, 500, 'the metrics cannot be read: the log says why')
      },
    )
  })
  if ('path' in address) await removeLeftSocket(address.path)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  // For its group, too, such as that of Prometheus or of a proxy: the umask would leave it to the server alone.
  if ('path' in address) await chmod(address.path, 0o660)
  const url = 'path' in address ? `unix:${address.path}` : urlOf(address.host, server)
  log.info({ url }, 'metrics are served')
  return { server, url }
}

/** A server that was killed has left its socket, at which nobody answers. */
async function removeLeftSocket(path: string): Promise<void> {
  const isServed = await new Promise<boolean>((resolve) => {
    const socket = connect(path, () => resolve(true)).on('error', () => resolve(false))
    socket.unref().on('connect', () => socket.destroy())
  })
  const stats = await stat(path).catch(() => null)
  if (!isServed && stats?.isSocket() === true) await rm(path)
}

function urlOf(host: string, server: Server): string {
  const { port } = server.address() as AddressInfo
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/metrics`
}

/** Ends its connections, too. */
export function stopMetrics({ server }: { server: Server }): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
