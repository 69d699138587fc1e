import type { Platform } from './host.ts'
import type { DemoJob } from './jobs.ts'

/** The script that the worker ran: it gets orb from the site, and lets it build the job. */
export function buildScript(job: DemoJob, platform: Platform): string {
  const latest = `https://builds.example.org/job/orb/build/latest/main-binary?platform=${platform}`
  const repositories = 'repos="default:https://opam.ocaml.org"'
  const orb = (options: string) =>
    `orb build ${options}--solver-timeout=600 --switch-name=/tmp/myswitch --date=1589138087 --out=. --repos=$repos ${job.name}`
  if (platform === 'freebsd-14') {
    return `#!/bin/sh\n\nset -ex\n\nfetch -o orb.pkg '${latest}'\npkg install -y orb.pkg\nrm orb.pkg\n\n${repositories}\n${orb('')}\n`
  }
  const install = 'apt install --no-install-recommends --no-install-suggests -y'
  return `#!/bin/sh\n\nset -ex\n\nwget -O orb.deb '${latest}'\n${install} ./orb.deb\nrm orb.deb\n\nDEBIAN_FRONTEND=noninteractive ${install} dh-exec\n\n${repositories}\n${orb('--disable-sandboxing ')}\n`
}
