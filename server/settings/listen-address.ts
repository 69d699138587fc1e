/** `127.0.0.1:1234`, `[::1]:1234` or `host:1234`; null: it is none of them. */
export function parseListenAddress(text: string): { host: string; port: number } | null {
  const [, ipv6, name, digits = ''] = /^(?:\[([\da-fA-F:.]+)\]|([^[\]:/\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = ipv6 ?? name
  const port = Number(digits)
  return host === undefined || port > 65_535 ? null : { host, port }
}
