/** A unikernel as the API tells of it; `target` in capitals. */
export type Unikernel = {
  target: string | null
  netDevices: readonly string[]
  blockDevices: readonly string[]
}

const quoted = (names: readonly string[]) => names.map((name) => `“${name}”`)

/** `block device “storage” and net devices “a” and “b”`; null when it needs none. */
export function describeDevices({ netDevices, blockDevices }: Unikernel): string | null {
  const parts = [countDevices('block device', blockDevices), countDevices('net device', netDevices)].filter(
    (part) => part !== null,
  )
  return parts.length > 0 ? parts.join(' and ') : null
}

function countDevices(what: string, names: readonly string[]): string | null {
  if (names.length === 0) return null
  const texts = quoted(names)
  const last = texts.pop() ?? ''
  return `${what}${texts.length > 0 ? 's' : ''} ${texts.length > 0 ? `${texts.join(', ')} and ` : ''}${last}`
}

/** `hvt · net “service” · block “storage”`, for a line of a list. */
export function describeShortly(unikernel: Unikernel): string {
  const { target, netDevices, blockDevices } = unikernel
  return [
    target?.toLowerCase() ?? 'unknown target',
    ...(netDevices.length > 0 ? [`net ${quoted(netDevices).join(', ')}`] : []),
    ...(blockDevices.length > 0 ? [`block ${quoted(blockDevices).join(', ')}`] : []),
  ].join(' · ')
}
