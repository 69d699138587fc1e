import type { Command } from 'commander'
import { pinBuild, unpinBuild } from '../retention/pins.ts'
import { actOfCommand } from './command-act.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { parseUuid } from './parse-uuid.ts'
import { pinBuildAt, unpinBuildAt } from './remote/builds.ts'
import { onSite } from './remote/on-site.ts'
import { addRemoveBuild } from './remove-build.ts'

const example = '4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0'

/** `hub build …` */
export function addBuildCommands(hub: Command): void {
  const build = hub.command('build').description('keep or remove single builds')
  addExamples(
    build
      .command('pin')
      .argument('<uuid>', 'UUID of the build', parseUuid)
      .description('keep a build: neither vacuum nor the retention policy removes it until it is unpinned')
      .option('--reason <text>', 'why, for its page', '')
      .action(async (uuid: string, { reason }: { reason: string }, command: Command) => {
        await onSite(command, {
          remote: (site) => pinBuildAt(site, uuid, reason),
          local: ({ writer }) => pinBuild(writer, actOfCommand(), uuid, reason),
        })
        ioOf(command).stdout.write(`build ${uuid} is pinned\n`)
      }),
    [`hub build pin ${example} --reason "runs on the name server"`],
  )
  addExamples(
    build
      .command('unpin')
      .argument('<uuid>', 'UUID of the build', parseUuid)
      .description('no longer keep a pinned build')
      .action(async (uuid: string, _options: unknown, command: Command) => {
        const isUnpinned = await onSite(command, {
          remote: (site) => unpinBuildAt(site, uuid),
          local: ({ writer }) => unpinBuild(writer, actOfCommand(), uuid),
        })
        ioOf(command).stdout.write(
          isUnpinned ? `build ${uuid} is no longer pinned\n` : `build ${uuid} was not pinned\n`,
        )
      }),
    [`hub build unpin ${example}`],
  )
  addRemoveBuild(build)
}
