import { Argument, type Command } from 'commander'
import { describeCommands, type DescribedCommand } from './command-tree.ts'
import { ioOf } from './command-io.ts'
import { addExamples } from './examples.ts'

/** `hub completion bash|zsh|fish` */
export function addCompletionCommand(hub: Command): void {
  const completion = hub
    .command('completion')
    .description('print what a shell needs to complete the commands and options of hub')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action((shell: 'bash' | 'zsh' | 'fish', _options: unknown, command: Command) => {
      ioOf(command).stdout.write(scripts[shell](describeCommands(hub)))
    })
  addExamples(completion, [
    'hub completion bash > /usr/share/bash-completion/completions/hub',
    'hub completion zsh > /usr/share/zsh/vendor-completions/_hub',
    'hub completion fish > ~/.config/fish/completions/hub.fish',
  ])
}

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript }

/** What may follow a command: the commands below it, and its options with those of the program. */
function wordsAfter({ next, options }: DescribedCommand, program: DescribedCommand | undefined): string {
  const longs = [...options, ...(program?.options ?? [])].map(({ long }) => long)
  return [...new Set([...next, ...longs, '--help'])].join(' ')
}

/** A branch for each command, by the words before the cursor that are no options. */
function bashScript(commands: readonly DescribedCommand[]): string {
  const [program] = commands
  const branches = commands.map(
    (command) => `    '${command.names.join(' ')}') words='${wordsAfter(command, program)}' ;;`,
  )
  return `# Completion of hub for bash.
_hub() {
  local path=hub longer words='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] && continue
    longer="$path $word"
    case " $_hub_paths " in *":$longer:"*) path=$longer ;; esac
  done
  case $path in
${branches.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  # An argument that is no command may be a file.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
_hub_paths='${commands.map(({ names }) => `:${names.join(' ')}:`).join('')}'
complete -F _hub hub
`
}

/** zsh reads completions of bash. */
function zshScript(commands: readonly DescribedCommand[]): string {
  return `#compdef hub\nautoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`
}

const quoted = (text: string) => `'${text.replace(/['\\]/g, '\\$&')}'`

function fishScript(commands: readonly DescribedCommand[]): string {
  const lines = commands.flatMap(({ names, next, options }) => {
    const depth = names.length - 1
    const seen = names.slice(1).map((name) => `__fish_seen_subcommand_from ${name}`)
    const condition = depth === 0 ? '__fish_use_subcommand' : seen.join('; and ')
    const below = commands.filter((one) => one.names.length === depth + 2 && isBelow(one.names, names))
    const first =
      next.length > 0 && depth > 0 ? `; and not __fish_seen_subcommand_from ${next.join(' ')}` : ''
    return [
      ...below.map(
        (one) =>
          `complete -c hub -f -n ${quoted(condition + first)} -a ${one.names.at(-1)} -d ${quoted(firstClause(one.description))}`,
      ),
      ...options.map(
        ({ long, description }) =>
          `complete -c hub ${depth === 0 ? '' : `-n ${quoted(condition)} `}-l ${long.replace(/^-+/, '')} -d ${quoted(firstClause(description))}`,
      ),
    ]
  })
  return ['# Completion of hub for fish.', ...lines, ''].join('\n')
}

const isBelow = (names: readonly string[], above: readonly string[]) =>
  above.every((name, index) => names[index] === name)

/** Up to the first colon, semicolon, parenthesis or end of a sentence: as much as fits beside a name. */
const firstClause = (text: string) => text.split(/[:;(]|\. /)[0]?.trim() ?? ''
