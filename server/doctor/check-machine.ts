import { readFileSync, statSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { ok, warning, type Finding } from './check.ts'

const wantedFiles = 4_096
const wantedMemory = 1024 ** 3

/** Whether the machine has what a site needs. */
export function checkMachine(): Finding[] {
  const memory = totalmem()
  return [
    ok(`Node.js ${process.version} on ${availableParallelism()} processors`),
    memory < wantedMemory
      ? warning(`the machine has ${Math.round(memory / 1024 ** 2)} MiB of memory: give it 1 GiB`)
      : ok(`the machine has ${Math.round(memory / 1024 ** 3)} GiB of memory`),
    ...checkOpenFiles(),
  ]
}

/** Each connection and each file that is sent is an open file. Linux alone tells the limit without a program. */
function checkOpenFiles(): Finding[] {
  let limits
  try {
    limits = readFileSync('/proc/self/limits', 'utf8')
  } catch {
    return []
  }
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1]
  if (soft === undefined || Number(soft) >= wantedFiles) return []
  return [
    warning(
      `a process may open ${soft} files: raise that to ${wantedFiles} for the server (LimitNOFILE= of systemd)`,
    ),
  ]
}

/** A configuration file that has passwords is for the user of the server alone. */
export function checkConfigFile(file: string | null): Finding[] {
  if (file === null) return [ok('there is no configuration file: flags, environment and defaults apply')]
  const { mode } = statSync(file)
  const hasSecret = /^\s*database-url\s*=.*(:\/\/[^/]*:[^/]*@|password=)/m.test(readFileSync(file, 'utf8'))
  return hasSecret && (mode & 0o004) !== 0
    ? [warning(`${file} has a password, and every user can read it: chmod 640 it, or use database-url-file`)]
    : [ok(`${file} is valid`)]
}
