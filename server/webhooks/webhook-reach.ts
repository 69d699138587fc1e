import { BlockList, isIP } from 'node:net'
import type { Reach } from '../safe-request.ts'

/** The setting `--webhook-allow`, as it is read. */
export type AllowedPlaces = { isExternal: boolean; networks: BlockList; hosts: ReadonlySet<string> }

const hostName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/** Reads `external`, networks such as `10.0.0.0/8`, and names of hosts, separated by commas. Null: one of them is none. */
export function parseAllowedPlaces(text: string): AllowedPlaces | null {
  const networks = new BlockList()
  const hosts = new Set<string>()
  let isExternal = false
  for (const part of text.split(',').map((one) => one.trim().toLowerCase())) {
    if (part === 'external') isExternal = true
    else if (addNetwork(networks, part)) continue
    else if (hostName.test(part) && isIP(part) === 0 && !/^[\d.]+$/.test(part)) hosts.add(part)
    else return null
  }
  return { isExternal, networks, hosts }
}

/** False: it is no network. */
function addNetwork(networks: BlockList, text: string): boolean {
  const [, address = '', bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const version = isIP(address)
  const most = version === 4 ? 32 : 128
  if (version === 0 || address.includes('%') || Number(bits ?? 0) > most) return false
  networks.addSubnet(address, Number(bits ?? most), version === 4 ? 'ipv4' : 'ipv6')
  return true
}

/** Where a webhook may go. Hosts that are named may have any address. */
export function reachOf(setting: string, url: string): Reach {
  const { isExternal, networks, hosts } = parseAllowedPlaces(setting) ?? {
    ...{ isExternal: false, networks: new BlockList(), hosts: new Set() },
  }
  const isNamed = hosts.has(new URL(url).hostname)
  return {
    allowsPrivate: isNamed,
    allowsHttp: true,
    ...(isNamed ? {} : { networks, isNetworksOnly: !isExternal }),
  }
}
