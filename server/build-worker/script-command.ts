import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { bubblewrapArguments, sandboxFolders } from './bubblewrap.ts'
import type { ControlGroup } from './control-group.ts'
import { scriptName, type RunFolder } from './run-folder.ts'
import type { RunLimits } from './run-limits.ts'
import type { Sandbox } from './sandbox.ts'

export type ScriptCommand = { file: string; args: string[]; env: Record<string, string> }

/**
 * Runs the script, and writes to standard error that it was started, the shell's words when a signal has killed it, and that it has
 * ended. So an exit status above 128 that is a signal differs from one that the script chose. The output of the script is one pipe.
 */
const supervise = `echo started >&2; (exec "./${scriptName}" 2>&1); status=$?; echo ended >&2; exit $status`

/**
 * The limit of processes is set within the sandbox: there it counts only its processes, and elsewhere all of the user. dash names
 * it -p, other shells -u.
 */
const limitProcesses = (count: number) => `{ ulimit -u ${count} || ulimit -p ${count}; } 2>/dev/null; `

/**
 * What is set before the script starts, by a shell that then becomes the sandbox: umask(2), no core files among the files of the
 * build, the control group, the largest file.
 */
const prepare = [
  'umask 022; ulimit -c 0',
  'test -z "$CONTROL_GROUP" || echo 0 > "$CONTROL_GROUP"',
  'test -z "$FILE_BLOCKS" || ulimit -f "$FILE_BLOCKS"',
]

/** Kills all when the worker has ended, however it did: then its end of descriptor 3 is closed. */
const guard =
  '{ read -r _ <&3; test -z "$CONTROL_GROUP" || echo 1 > "${CONTROL_GROUP%procs}kill"; kill -KILL 0; } >/dev/null 2>&1 &'

/** As builder's worker is started by systemd. */
const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * The program that runs a script with its limits. Standard output is that of the script, standard error has the words of
 * `supervise`, descriptor 3 has to stay open for as long as the script may run. `passed`: variables of the worker's environment.
 */
export function scriptCommand(
  {
    folder,
    limits,
    sandbox,
    group,
  }: { folder: RunFolder; limits: RunLimits; sandbox: Sandbox; group: ControlGroup | null },
  passed: Readonly<Record<string, string>>,
): ScriptCommand {
  const { cpus, diskBytes, maxProcesses } = limits
  const isBare = sandbox.kind === 'none'
  const around = isBare ? [] : ['bwrap', ...bubblewrapArguments(folder, limits, sandbox.places)]
  const folders = isBare ? { HOME: folder.homeDir, TMPDIR: folder.temporaryDir } : sandboxFolders
  const env = { PATH: path, LANG: 'C.UTF-8', ...folders, ...passed }
  const settings = {
    FILE_BLOCKS: diskBytes === null ? '' : String(Math.ceil(diskBytes / 512)),
    CONTROL_GROUP: group?.procsPath ?? '',
  }
  const script = [
    ...prepare,
    ...(isBare ? [guard] : []),
    `unset ${Object.keys(settings).join(' ')}`,
    'exec "$@" 3<&-',
  ].join('\n')
  const within = isBare ? supervise : limitProcesses(maxProcesses) + supervise
  return {
    file: '/bin/sh',
    args: ['-c', script, 'sh', ...affinity(cpus, group), ...around, '/bin/sh', '-c', within],
    env: { ...env, ...settings },
  }
}

/** Without a control group a script gets whole CPUs of its own choice by taskset(1). */
function affinity(cpus: number | null, group: ControlGroup | null): string[] {
  const hasTaskset = existsSync('/usr/bin/taskset')
  const count = availableParallelism()
  if (cpus === null || cpus >= count || group?.limitsCpus || !hasTaskset) return []
  // Runs that begin at different CPUs share them less.
  const first = Math.floor(Math.random() * count)
  const list = Array.from({ length: Math.ceil(cpus) }, (_, n) => (first + n) % count)
  return ['taskset', '-c', list.join(',')]
}
