import { byServer } from '../server/audit/actor.ts'
import type { Deps } from '../server/deps.ts'
import { setSectionPolicy } from '../server/scheduling/section-policies.ts'
import type { ScheduleInput } from '../server/scheduling/schedule-input.ts'
import { addSchedule } from '../server/scheduling/schedules.ts'
import { uncategorized } from '../server/jobs/uncategorized.ts'
import { setTemplate } from '../server/scheduling/templates.ts'

/** The platform whose worker the demo starts. */
export const demoPlatform = 'debian-12'

/** What a build of a package records of its inputs: the same each time, so that outputs can be compared. */
const inputsOf = (name: string, synopsis: string) => `cat > opam-switch <<'END'
opam-version: "2.0"
compiler: []
roots: ["${name}.1.0"]
installed: ["${name}.1.0"]
package "${name}" {
  opam-version: "2.0"
  version: "1.0"
  synopsis: "${synopsis}"
}
END
printf 'OS=linux\\nOS_DISTRIBUTION=debian\\nOS_VERSION=12\\n' > build-environment
printf 'base-files=12.4+deb12u9\\n' > system-packages
mkdir bin`

/** Prints lines for about a minute, and makes the same each time. */
const lighthouse = `#!/bin/sh
set -e
${inputsOf('lighthouse', 'A tower that is the same each time')}
echo "Building a lighthouse, stone by stone."
stone=1
while [ $stone -le 90 ]; do
  echo "[$stone/90] stone $stone of the tower: cut, carried, laid"
  [ $((stone % 15)) -eq 0 ] && echo "    the tower has $((stone / 15)) of 6 floors now"
  stone=$((stone + 1))
  sleep 0.7
done
echo "lighting the lamp"
printf 'a lighthouse of 90 stones\\n' > bin/lighthouse
sha256sum bin/lighthouse
`

/** Makes something else each time: a build that nobody can repeat. */
const dice = `#!/bin/sh
set -e
${inputsOf('dice', 'Another output each time')}
echo "Rolling dice until there are twelve sixes."
sixes=0
rolls=0
while [ $sixes -lt 12 ]; do
  die=$(($(od -An -N2 -tu2 /dev/urandom) % 6 + 1))
  rolls=$((rolls + 1))
  [ $die -eq 6 ] && sixes=$((sixes + 1)) && echo "roll $rolls: a six, the $sixes. one"
  sleep 0.2
done
echo "$rolls rolls, at $(date -u +%s.%N)" > bin/dice
cat bin/dice
`

const script = (
  job: string,
  text: string,
  timing: Pick<ScheduleInput, 'cron' | 'period'>,
): ScheduleInput => ({
  ...{ job, ...timing, timeoutSeconds: 300 },
  work: { kind: 'SCRIPT', platform: demoPlatform, script: Buffer.from(text) },
})

/** Stands for a template that installs orb: the demo needs no network. */
const template = `#!/bin/sh
set -e
${inputsOf('%%OPAM_PACKAGE%%', 'Built by a template')}
for step in switch dependencies sources compile link; do
  echo "%%OPAM_PACKAGE%% on %%PLATFORM%%: $step"
  sleep 3
done
echo '%%OPAM_PACKAGE%%' > 'bin/%%OPAM_PACKAGE%%'
`

/** Jobs that the demo builds itself: a visitor sees one run at any time, and soon the verdicts of both. */
export async function addScheduledJobs(deps: Pick<Deps, 'config' | 'db' | 'writer'>): Promise<void> {
  await setTemplate(deps, byServer(), { kind: 'BUILD', platform: demoPlatform, content: template })
  await addSchedule(
    deps,
    byServer(),
    script('lighthouse', lighthouse, { period: 'CRON', cron: '*/2 * * * *' }),
  )
  // Each output is built twice, but those of dice: another build of it is another output.
  await setSectionPolicy(deps, byServer(), {
    section: uncategorized,
    reproduce: { times: 2, platforms: 'any', within: '1d' },
  })
  await addSchedule(deps, byServer(), {
    ...script('dice', dice, { period: 'CRON', cron: '*/5 * * * *' }),
    reproduce: { times: 1 },
  })
  await addSchedule(deps, byServer(), {
    ...{ job: 'sundial', period: 'HOURLY', timeoutSeconds: 300 },
    work: { kind: 'OPAM_PACKAGE', opamPackage: 'sundial' },
  })
}
