import type { Command, Option } from 'commander'

/** A command as its help tells it; `names` is how it is called, e.g. `['hub', 'user', 'add']`. */
export type DescribedCommand = {
  names: readonly string[]
  usage: string
  description: string
  options: readonly { flags: string; long: string; takesValue: boolean; description: string }[]
  /** What may follow: names of further commands, or values of an argument. */
  next: readonly string[]
}

/** A program and all its commands, each before those below it. */
export function describeCommands(command: Command, above: readonly string[] = []): DescribedCommand[] {
  const names = [...above, command.name()]
  const below = command.commands.filter((one) => one.name() !== 'help')
  return [
    {
      names,
      usage: command.usage(),
      description: command.description(),
      options: command.options.map(describeOption),
      next: [...below.map((one) => one.name()), ...choicesOf(command)],
    },
    ...below.flatMap((one) => describeCommands(one, names)),
  ]
}

const choicesOf = (command: Command) =>
  command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])

function describeOption({ flags, long, required, optional, description }: Option) {
  return { flags, long: long ?? flags, takesValue: required || optional, description }
}

/** How a command is called, such as `hub user add`. */
export const namesOf = (command: Command): string =>
  command.parent ? `${namesOf(command.parent)} ${command.name()}` : command.name()
