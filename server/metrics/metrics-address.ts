/** Where the metrics are served: a host and a port, or the path of a socket. */
export type MetricsAddress = { host: string; port: number } | { path: string }

/** `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/builder-hub/metrics.sock`; null: it is none of them. */
export function parseMetricsAddress(text: string): MetricsAddress | null {
  const socket = /^unix:(\/.+)$/.exec(text)?.[1]
  if (socket !== undefined) return { path: socket }
  const [, ipv6, name, digits = ''] = /^(?:\[([\da-fA-F:.]+)\]|([^[\]:/\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = ipv6 ?? name
  const port = Number(digits)
  return host === undefined || port > 65_535 ? null : { host, port }
}
