import { parseListenAddress } from '../settings/listen-address.ts'

/** Where the metrics are served: a host and a port, or the path of a socket. */
export type MetricsAddress = { host: string; port: number } | { path: string }

/** `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/builder-hub/metrics.sock`; null: it is none of them. */
export function parseMetricsAddress(text: string): MetricsAddress | null {
  const socket = /^unix:(\/.+)$/.exec(text)?.[1]
  return socket === undefined ? parseListenAddress(text) : { path: socket }
}
