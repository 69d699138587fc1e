import type { Command } from 'commander'
import { readVersion } from '../site/read-version.ts'
import { describeCommands, type DescribedCommand } from './command-tree.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'

/** `hub man` */
export function addManCommand(hub: Command): void {
  const man = hub
    .command('man')
    .description('print the manual page of hub, with all commands, as man(1) reads it')
    .action((_options: unknown, command: Command) => {
      ioOf(command).stdout.write(manPage(describeCommands(hub)))
    })
  addExamples(man, ['hub man | man -l -', 'hub man > /usr/local/share/man/man1/hub.1'])
}

/** In the macros of man(7). */
function manPage(commands: readonly DescribedCommand[]): string {
  const [program, ...others] = commands
  const runs = others.filter(({ next }) => next.length === 0)
  return [
    `.TH HUB 1 "" "Builder Hub ${readVersion()}"`,
    '.SH NAME',
    `hub \\- manage Builder Hub, a home for reproducible builds`,
    '.SH SYNOPSIS',
    '.B hub',
    '.I command',
    '[options]',
    '.SH DESCRIPTION',
    escaped(program?.description ?? ''),
    '.SH OPTIONS',
    ...(program ? optionsOf(program) : []),
    '.SH COMMANDS',
    ...runs.flatMap((command) => [
      '.SS',
      `${escaped(command.names.join(' '))} ${escaped(command.usage)}`,
      escaped(sentence(command.description)),
      ...optionsOf(command),
    ]),
    '.SH EXIT STATUS',
    ...[
      '0',
      'done',
      '1',
      'failed',
      '2',
      'called wrongly',
      '3',
      'found the problems that it looked for',
    ].flatMap((text, index) => (index % 2 === 0 ? ['.TP', `.B ${text}`] : [text])),
    '',
  ].join('\n')
}

const optionsOf = ({ options }: DescribedCommand) =>
  options.flatMap(({ flags, description }) => ['.TP', `.B ${escaped(flags)}`, escaped(sentence(description))])

const sentence = (text: string) => (text === '' ? '' : `${text[0]?.toUpperCase()}${text.slice(1)}.`)

/** A hyphen is a minus, a backslash is itself, and a line that begins with a dot or a quote is no macro. */
const escaped = (text: string) =>
  text
    .replace(/\\/g, '\\e')
    .replace(/-/g, '\\-')
    .replace(/^([.'])/gm, '\\&$1')
