import type { Command } from 'commander'

/** Add examples to the help of a command: each a line such as `hub vacuum except-latest 10 --dry-run`. */
export function addExamples(command: Command, lines: readonly string[]): Command {
  return command.addHelpText('after', ['', 'Examples:', ...lines.map((line) => `  ${line}`)].join('\n'))
}
