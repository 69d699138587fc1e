import type { Platform } from './host.ts'
import type { JobName } from './jobs.ts'

export type Outcome =
  | { kind: 'success'; console?: 'long' }
  /** Exit 0, but with more than one binary: none of them is the main one. */
  | { kind: 'several-binaries' }
  | { kind: 'unsolvable'; exitCode: bigint; reasons: readonly string[] }
  | { kind: 'compile-error'; exitCode: bigint; packageName: string; lines: readonly string[] }
  | { kind: 'test-failure'; exitCode: bigint; lines: readonly string[] }
  | { kind: 'killed'; signal: bigint }
  | { kind: 'timeout' }

export type StoryBuild = {
  job: JobName
  /** When it finished, in days before the demo's present. */
  daysAgo: number
  platform: Platform
  uploader: 'scooby' | 'shaggy'
  outcome: Outcome
}

const success: Outcome = { kind: 'success' }
/** What a release of fmt did to each job that was built before it was withdrawn. */
const brokenFmt: Outcome = {
  kind: 'compile-error',
  exitCode: 1n,
  packageName: 'fmt',
  lines: [
    'File "src/fmt.ml", line 412, characters 17-38:',
    '412 |   | `Ansi_tty -> Format.pp_open_styled ppf st',
    '                       ^^^^^^^^^^^^^^^^^^^^^',
    'Error: Unbound value Format.pp_open_styled',
  ],
}
/** builder-worker reports signals by OCaml's numbers: SIGKILL, here from the kernel that ran out of memory. */
const sigkill = -7n

function build(
  job: JobName,
  daysAgo: number,
  platform: Platform,
  uploader: StoryBuild['uploader'],
  outcome = success,
): StoryBuild {
  return { job, daysAgo, platform, uploader, outcome }
}

/**
 * Half a year of a site, told by job. What a build takes in follows from its day:
 * `package-universe.ts` has the packages' history, `host.ts` the systems', `jobs.ts` the sources'.
 */
export const story: readonly StoryBuild[] = [
  build('dns-primary', 178.3, 'debian-12', 'scooby'),
  // The same inputs on a second worker: reproduced.
  build('dns-primary', 177.9, 'debian-12', 'shaggy'),
  build('dns-primary', 148.4, 'debian-12', 'scooby'),
  // Another system, the same packages: reproduced from other inputs.
  build('dns-primary', 147.8, 'freebsd-14', 'shaggy'),
  build('dns-primary', 116.2, 'debian-12', 'scooby', {
    kind: 'compile-error',
    exitCode: 1n,
    packageName: 'dns-primary',
    lines: [
      'File "unikernel.ml", line 87, characters 31-52:',
      '87 |     Git_kv.change_and_push store (fun store -> update store zone)',
      '                                    ^^^^^^^^^^^^^^^^^^^^^',
      'Error: This expression has type unit Lwt.t',
      '       but an expression was expected of type',
      '         (Git_kv.t -> (unit, Git_kv.write_error) result Lwt.t)',
    ],
  }),
  build('dns-primary', 113.1, 'debian-12', 'scooby'),
  // From here on only the inputs change, one kind each time: system packages, an opam file, the environment.
  build('dns-primary', 94.5, 'debian-12', 'shaggy'),
  build('dns-primary', 80.2, 'debian-12', 'scooby'),
  build('dns-primary', 69.4, 'debian-12', 'scooby'),
  // A new compiler changes every byte.
  build('dns-primary', 49.3, 'debian-13', 'shaggy'),
  build('dns-primary', 23.6, 'debian-13', 'scooby'),
  build('dns-primary', 20.5, 'debian-12', 'scooby', brokenFmt),
  build('dns-primary', 4.5, 'debian-12', 'scooby'),
  build('dns-primary', 0.12, 'debian-13', 'shaggy'),
  build('dns-primary', 0.05, 'debian-13', 'scooby'),

  build('tls-gateway', 161.2, 'debian-12', 'scooby'),
  build('tls-gateway', 113.4, 'debian-12', 'shaggy'),
  build('tls-gateway', 112.9, 'debian-12', 'scooby', { kind: 'killed', signal: sigkill }),
  build('tls-gateway', 48.2, 'debian-12', 'scooby'),
  build('tls-gateway', 47.9, 'debian-12', 'shaggy'),
  build('tls-gateway', 21.5, 'debian-13', 'scooby'),
  build('tls-gateway', 20.47, 'debian-12', 'scooby', brokenFmt),
  build('tls-gateway', 3.4, 'debian-13', 'shaggy'),
  build('tls-gateway', 3.1, 'debian-12', 'shaggy'),
  build('tls-gateway', 0.03, 'debian-13', 'scooby', { kind: 'timeout' }),

  build('static-site', 171.0, 'debian-12', 'scooby'),
  build('static-site', 170.6, 'debian-12', 'shaggy'),
  build('static-site', 64.2, 'debian-12', 'scooby'),
  build('static-site', 44.1, 'debian-12', 'scooby', {
    kind: 'unsolvable',
    exitCode: 20n,
    reasons: [
      'Missing dependency: static-site -> mirage >= 4.10.0 -> ocaml >= 5.2',
      'Incompatible packages: static-site -> ocaml-solo5 < 1.0.0 -> ocaml < 5.0',
      'You can temporarily relax the switch invariant with `--update-invariant`',
    ],
  }),

  // The tool had its build date in it until 1.2.0: equal inputs, other outputs.
  build('zone-tool', 155.3, 'debian-12', 'scooby'),
  build('zone-tool', 155.1, 'debian-12', 'shaggy'),
  build('zone-tool', 100.4, 'freebsd-14', 'scooby'),
  build('zone-tool', 55.4, 'debian-12', 'scooby', {
    kind: 'test-failure',
    exitCode: 2n,
    lines: [
      'File "test/dune", line 2, characters 7-16:',
      '2 |  (name test_zone)',
      '           ^^^^^^^^^',
      "Testing `zone-tool'.",
      '  [OK]          check            0   accepts a minimal zone.',
      '  [OK]          check            1   refuses two SOA records.',
      '  [FAIL]        diff             0   a changed TTL is a change.',
      'ASSERT changes',
      'FAIL changes',
      '   Expected: `[ttl 3600 -> 300]',
      '   Received: `[]',
      '1 failure! in 0.021s. 14 tests run.',
    ],
  }),
  build('zone-tool', 54.2, 'debian-12', 'scooby'),
  build('zone-tool', 53.9, 'debian-12', 'shaggy'),
  build('zone-tool', 19.7, 'debian-13', 'scooby'),
  build('zone-tool', 19.2, 'debian-13', 'shaggy'),
  build('zone-tool', 2.6, 'debian-13', 'scooby'),
  build('zone-tool', 2.4, 'debian-13', 'shaggy'),
  build('zone-tool', 0.017, 'freebsd-14', 'shaggy'),

  build('fleetd', 174.5, 'debian-12', 'scooby', { kind: 'several-binaries' }),
  build('fleetd', 120.3, 'debian-12', 'scooby'),
  build('fleetd', 119.8, 'freebsd-14', 'shaggy'),
  build('fleetd', 50.7, 'debian-13', 'scooby', {
    kind: 'unsolvable',
    exitCode: 20n,
    reasons: [
      'Missing dependency: fleetd -> conf-libev -> depext [libev-dev]: no package of this name on debian 13',
      'Conflict: fleetd -> ocaml < 5.3~ with ocaml-base-compiler = 5.3.0',
    ],
  }),
  build('fleetd', 30.2, 'debian-13', 'scooby'),
  build('fleetd', 20.43, 'debian-12', 'shaggy', brokenFmt),
  build('fleetd', 9.3, 'debian-12', 'scooby', { kind: 'success', console: 'long' }),
  build('fleetd', 8.8, 'debian-12', 'shaggy'),
  build('fleetd', 0.18, 'debian-13', 'scooby'),
]
