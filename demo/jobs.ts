import { readmes } from './readmes.ts'
import type { Solo5Device, Solo5Target } from './solo5-notes.ts'

/** A state of the job's own sources. */
export type Revision = { daysAgo: number; version: string }

export type DemoJob = {
  name: string
  synopsis: string
  description: string
  repository: string
  /** Packages that it depends on itself. */
  libraries: readonly string[]
  /** Its own compilation units, with the KiB of machine code of each. */
  units: Readonly<Record<string, number>>
  /** Oldest first; the first one is older than every build. */
  revisions: readonly [Revision, ...Revision[]]
  /** `null` follows the newest release. */
  compiler: string | null
  readme: string | null
} & (
  | { kind: 'unikernel'; target: Solo5Target; devices: readonly Solo5Device[] }
  /** Its binary is the program itself. */
  | { kind: 'tool' }
  /** Its binary is a package of the system: .deb or .pkg. */
  | { kind: 'service'; programs: readonly [string, ...string[]] }
)

export type JobName = 'dns-primary' | 'tls-gateway' | 'static-site' | 'zone-tool' | 'fleetd'

const mirageStack = [
  'cmdliner-stdlib',
  'duration',
  'ipaddr',
  'logs',
  'lwt',
  'mirage-bootvar',
  'mirage-crypto-rng',
  'mirage-logs',
  'mirage-mtime',
  'mirage-net-solo5',
  'mirage-ptime',
  'mirage-runtime',
  'mirage-sleep',
  'mirage-solo5',
  'tcpip',
]

export const jobs: Readonly<Record<JobName, DemoJob>> = {
  'dns-primary': {
    kind: 'unikernel',
    name: 'dns-primary',
    target: 'hvt',
    devices: [{ name: 'service', type: 'net' }],
    synopsis: 'Primary DNS server whose zones live in a git repository',
    description:
      'An authoritative name server as a unikernel. It reads its zone files from a\ngit repository, serves them, and notifies its secondaries. Changes that arrive\nby dynamic update are pushed back, so that the history stays in one place.',
    repository: 'demo-unikernels/dns-primary',
    libraries: [...mirageStack, 'dns-server', 'dns-mirage', 'dns-tsig', 'git-kv', 'happy-eyeballs-mirage'],
    units: { Unikernel__Main: 26, Dune__exe__Main: 9, Unikernel__Config: 3 },
    revisions: [
      { daysAgo: 400, version: '1.4.0' },
      { daysAgo: 114, version: '1.4.1' },
      { daysAgo: 5, version: '1.5.0' },
    ],
    compiler: null,
    readme: readmes.dnsPrimary,
  },
  'tls-gateway': {
    kind: 'unikernel',
    name: 'tls-gateway',
    target: 'spt',
    devices: [
      { name: 'public', type: 'net' },
      { name: 'private', type: 'net' },
      { name: 'certificates', type: 'block' },
    ],
    synopsis: 'TLS termination in front of plain services, with metrics',
    description:
      'Accepts TLS on its public interface and forwards the plain streams to services\non its private one, chosen by server name. Certificates come from a block device.\nConnections, handshakes and memory are reported to InfluxDB or Telegraf.',
    repository: 'demo-unikernels/tls-gateway',
    libraries: [
      ...mirageStack,
      'h1',
      'metrics',
      'mirage-block-solo5',
      'mirage-monitoring',
      'tar-mirage',
      'tls-mirage',
      'x509',
    ],
    units: { Unikernel__Main: 31, Unikernel__Sni: 12, Unikernel__Reload: 8, Dune__exe__Main: 11 },
    revisions: [
      { daysAgo: 400, version: '0.6.0' },
      { daysAgo: 22, version: '0.6.1' },
      { daysAgo: 4, version: '0.7.0' },
    ],
    compiler: null,
    readme: readmes.tlsGateway,
  },
  'static-site': {
    kind: 'unikernel',
    name: 'static-site',
    target: 'hvt',
    devices: [
      { name: 'service', type: 'net' },
      { name: 'pages', type: 'block' },
    ],
    synopsis: 'Web site from a tar archive on a block device',
    description:
      'Serves the files of a tar archive by HTTP, with entity tags and media types.\nIt still builds with OCaml 4.14, and waits for its port.',
    repository: 'demo-unikernels/static-site',
    libraries: [...mirageStack, 'h1', 'magic-mime', 'mirage-block-solo5', 'tar-mirage'],
    units: { Unikernel__Site: 14, Main: 6 },
    revisions: [{ daysAgo: 400, version: '0.3.2' }],
    compiler: '4.14.2',
    readme: readmes.staticSite,
  },
  'zone-tool': {
    kind: 'tool',
    name: 'zone-tool',
    synopsis: 'Checks, compares and signs DNS zone files',
    description:
      'A command for people who keep zone files: it checks them, shows what a change\nwould mean to resolvers, and sends it to a primary server as an update.',
    repository: 'demo-tools/zone-tool',
    libraries: [
      'cmdliner',
      'dns',
      'dns-client',
      'dns-tsig',
      'dns-server',
      'fmt',
      'logs',
      'bos',
      're',
      'opam-file-format',
    ],
    units: { Dune__exe__Zone_tool: 22, Zone_check: 28, Zone_diff: 24, Zone_update: 13 },
    revisions: [
      { daysAgo: 400, version: '1.1.0' },
      { daysAgo: 55, version: '1.1.1' },
      { daysAgo: 3, version: '1.2.0' },
    ],
    compiler: null,
    readme: null,
  },
  fleetd: {
    kind: 'service',
    name: 'fleetd',
    programs: ['fleetd', 'fleet-client'],
    synopsis: 'Starts, watches and restarts unikernels on a fleet of hosts',
    description:
      'A daemon that runs unikernels by signed requests, and its client. It creates\nnetwork interfaces and block devices, enforces limits, and keeps consoles.',
    repository: 'demo-tools/fleetd',
    libraries: [
      'asn1-combinators',
      'bos',
      'cmdliner',
      'decompress',
      'digestif',
      'fmt',
      'fpath',
      'happy-eyeballs-lwt',
      'http-lwt-client',
      'ipaddr',
      'logs-syslog',
      'lwt',
      'metrics-influx',
      'metrics-lwt',
      'ohex',
      'ptime',
      'solo5-elftool',
      'tls-lwt',
      'x509',
      'yojson',
      'conf-libev',
    ],
    units: {
      Dune__exe__Fleetd: 33,
      Fleet_command: 24,
      Fleet_policy: 21,
      Fleet_stats: 16,
      Fleet_console: 13,
      Fleet_tls: 9,
    },
    revisions: [
      { daysAgo: 400, version: '2.0.0' },
      { daysAgo: 125, version: '2.1.0' },
      { daysAgo: 10, version: '2.2.0' },
    ],
    compiler: null,
    readme: readmes.fleetd,
  },
}

export function revisionAt(job: DemoJob, daysAgo: number): Revision {
  return job.revisions.findLast((revision) => revision.daysAgo >= daysAgo) ?? job.revisions[0]
}
