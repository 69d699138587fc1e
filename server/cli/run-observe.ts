import type { Command } from 'commander'
import { readConfig } from '../config.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'
import { EndedError } from './exit-status.ts'
import { observeRun } from './observe-run.ts'
import { parseUuid } from './parse-uuid.ts'
import { describeEnd, describeObserved } from './print-observed-run.ts'
import { tokenOf } from './remote/remote-site.ts'
import { environmentOf } from './settings.ts'
import { untilSignal } from './until-signal.ts'

const example = '4a44d3b0-5ad5-4a45-a8e5-2fc7c7a1a2a0'

/** `hub run observe`. `run`: the command that it becomes a part of. */
export function addObserveRun(run: Command): void {
  addExamples(
    run
      .command('observe')
      .argument('<uuid>', 'UUID of the run, or of a try', parseUuid)
      .description(
        'print what a run prints until it ends, and exit with its status; a run that waits is waited for. What happens to it goes to the error output. ' +
          'Without --hub it asks the server of these settings; where the site is private, --token-file is a token that may read it',
      )
      .option('--url <url>', 'the same as --hub')
      .action(async (uuid: string, { url }: { url?: string }, command: Command) => {
        const { stdout, stderr } = ioOf(command)
        const { hub } = command.optsWithGlobals<{ hub?: string }>()
        const site = { url: hub ?? url ?? serverOf(command), run: uuid, token: tokenOf(command) }
        const ended = await untilSignal((signal) =>
          observeRun(
            site,
            {
              line: (text) => stdout.write(`${text}\n`),
              changed: (now) => stderr.write(`${describeObserved(now)}\n`),
              broken: () => stderr.write('the connection broke, and is made again\n'),
            },
            signal,
          ),
        )
        const { words, status } = describeEnd(ended)
        if (status !== 0) throw new EndedError(words, status)
        stderr.write(`${words}\n`)
      }),
    [
      `hub run observe ${example}`,
      `hub run observe ${example} --hub https://builds.example.org --token-file token`,
    ],
  )
}

/** Where the server of the command's settings listens. */
function serverOf(command: Command): string {
  const { host, port } = readConfig(environmentOf(command))
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host
  return `http://${reached.includes(':') && !reached.startsWith('[') ? `[${reached}]` : reached}:${port}`
}
