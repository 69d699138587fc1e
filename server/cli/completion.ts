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

/** The commands as texts, such as `hub user add`. */
const pathsOf = (commands: readonly DescribedCommand[]) => commands.map(({ names }) => names.join(' '))

/** A branch for each command, by the words before the cursor that are no options. */
function bashScript(commands: readonly DescribedCommand[]): string {
  const [program] = commands
  const branches = commands.map(
    (command) => `    '${command.names.join(' ')}') words='${wordsAfter(command, program)}' ;;`,
  )
  const withValue = new Set(
    commands.flatMap(({ options }) => options.filter(({ takesValue }) => takesValue).map(({ long }) => long)),
  )
  return `# Completion of hub for bash.
_hub_commands='${pathsOf(commands)
    .map((path) => `:${path}:`)
    .join('')}'
_hub_options_with_value=' ${[...withValue].join(' ')} '
_hub() {
  local command=hub words='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    [[ $word == -* ]] && continue
    case "$_hub_commands" in *":$command $word:"*) command="$command $word" ;; esac
  done
  # The value of an option may be a file.
  case "$_hub_options_with_value" in
    *" \${COMP_WORDS[COMP_CWORD-1]} "*) COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")); return ;;
  esac
  case $command in
${branches.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
  # An argument that is no command may be a file.
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"))
}
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
    const path = names.join(' ')
    const condition = `test (__hub_command) = "${path}"`
    return [
      ...next.map((name) => {
        const below = commands.find((one) => one.names.join(' ') === `${path} ${name}`)
        const description = below ? ` -d ${quoted(firstClause(below.description))}` : ''
        return `complete -c hub -f -n ${quoted(condition)} -a ${name}${description}`
      }),
      ...options.map(({ long, takesValue, description }) => {
        // The options of the program are those of every command.
        const where = names.length === 1 ? '' : ` -n ${quoted(condition)}`
        const value = takesValue ? ' -r' : ''
        return `complete -c hub${where}${value} -l ${long.replace(/^-+/, '')} -d ${quoted(firstClause(description))}`
      }),
    ]
  })
  return `# Completion of hub for fish.
set -g __hub_commands ${pathsOf(commands).map(quoted).join(' ')}
function __hub_command
  set -l command hub
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and continue
    contains -- "$command $word" $__hub_commands; and set command "$command $word"
  end
  echo $command
end
${lines.join('\n')}
`
}

/** Up to the first colon, semicolon, parenthesis or end of a sentence: as much as fits beside a name. */
const firstClause = (text: string) => text.split(/[:;(]|\. /)[0]?.trim() ?? ''
