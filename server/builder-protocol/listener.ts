import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import type { Deps } from '../deps.ts'
import { parseListenAddress } from '../settings/listen-address.ts'
import { frameLimits } from './frame-limits.ts'
import { defaultPeerTimes, Peer, type PeerTimes } from './peer.ts'
import { serveSession, type SessionDeps } from './session.ts'
import { createTlsListener } from './tls-listener.ts'
import { isLoopback } from '../is-loopback.ts'

/** More connections wait in the system's queue or are hung up on. A waiting worker has one all the time. */
const maxConnections = 2_000
/** A network that is cut is noticed after about two minutes. */
const keepAliveMs = 30_000
const dropLogMs = 60_000
/** How long what is being stored, and answered, may take when the hub stops. */
const drainMs = 30_000

export type BuilderListener = { address: string; close: () => Promise<void> }
export type ListenerDeps = SessionDeps & Pick<Deps, 'config'>
export type ListenerOptions = Partial<PeerTimes> & {
  heartbeatMs?: number
  maxConnections?: number
  drainMs?: number
}

/** Serves builder's workers and clients, and the hub's own workers, at `config.builderListen`. */
export async function startBuilderListener(
  deps: ListenerDeps,
  options: ListenerOptions = {},
): Promise<BuilderListener> {
  const { config, log } = deps
  const address = parseListenAddress(config.builderListen)
  if (!address) throw new Error('--builder-listen is empty')
  const times = { ...defaultPeerTimes, ...options }
  const sessions = new Map<Peer, Promise<void>>()
  const limits = frameLimits(config)

  function serve(socket: Socket): void {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    const peer = new Peer(socket, limits, times)
    const session = serveSession(deps, peer, { heartbeatMs: options.heartbeatMs ?? 15_000 })
    sessions.set(peer, session)
    void session.finally(() => sessions.delete(peer))
  }

  const tls = config.builderTlsCert === '' ? null : createTlsListener(deps, serve)
  const server = tls?.server ?? createServer({ allowHalfOpen: true }, serve)
  server.maxConnections = options.maxConnections ?? maxConnections
  logDrops(server, deps)
  await listen(server, address)
  const { address: host, port } = server.address() as AddressInfo
  warnIfOpen(deps, host)
  const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  log.info({ address: shown, tls: config.builderTlsCert !== '' }, 'the builder protocol is served')
  return {
    address: shown,
    async close() {
      tls?.stop()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const peer of sessions.keys()) peer.leave()
      await settledWithin(sessions.values(), options.drainMs ?? drainMs)
      for (const peer of sessions.keys()) peer.destroy()
      await Promise.all(sessions.values())
      await closed
    },
  }
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

/** The protocol has no authentication of its own: whoever reaches the port says what workers run. */
function warnIfOpen({ config, log }: ListenerDeps, host: string): void {
  if (isLoopback(host) || (config.builderTlsCert !== '' && config.builderTokenRequired)) return
  log.warn(
    { address: config.builderListen },
    'everybody who reaches --builder-listen can schedule jobs and take them: set --builder-tls-cert, --builder-tls-key and --builder-token-required, or listen on 127.0.0.1',
  )
}

/** At most one line a minute: there may be thousands. */
function logDrops(server: Server, { log }: ListenerDeps): void {
  let loggedAt = -Infinity
  server.on('drop', () => {
    if (performance.now() - loggedAt < dropLogMs) return
    loggedAt = performance.now()
    log.warn(
      { maxConnections: server.maxConnections },
      'the builder protocol has too many connections: new ones are hung up on',
    )
  })
}

async function settledWithin(work: Iterable<Promise<unknown>>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)))
  await Promise.race([Promise.all(work), late])
  clearTimeout(timer)
}
