import type { ReadLine } from './console-lines.ts'
import type { FailureRule, ProgressSign } from './failure-rule.ts'
import type { LineKind } from './line-kinds.ts'

/**
 * Commands that scripts also run after a failure: to show why, and to clean up. The build did not go on
 * because of them.
 */
const asideCommands = new Set(
  (
    'rm rmdir umount kill pkill killall exit return cat tail head echo printf ls cp mv tar zip df du free ps date id ' +
    'uname hostname whoami nproc getconf dirname basename pwd find which type umask sync grep sed awk cut sort tr wc tee ' +
    'dmesg journalctl chmod chown mkdir touch ln env logger read test [ [[ : true false set trap cd pushd popd export ' +
    'local readonly shift wait sleep for while until if case break continue unset alias stat file less'
  ).split(' '),
)
/** Functions with which scripts report a failure, or try again. */
const asideNames =
  /clean|exit|trap|fail|\bdie\b|error|abort|finish|report|log|dump|collect|retry|warn|notify|usage/i
const wrappers = new Set(['sudo', 'doas', 'exec', 'command', 'nice', 'time', 'nohup', 'setsid', 'eval'])
const tracePattern = /^\+{1,8} (.{1,400})/

/** The command that a shell's trace shows; null for a line that is no trace of a shell. */
export function tracedCommand(said: string): string | null {
  return tracePattern.exec(said)?.[1] ?? null
}

function isWorkingCommand(command: string): boolean {
  // `opam --verbose` shows its commands, too, and runs several side by side.
  if (/\(CWD=[^)]*\)$/.test(command)) return false
  const words = command.split(/\s+/).filter((word) => !/^\w+\+?=/.test(word))
  const name = words.find((word) => !wrappers.has(word) && !word.startsWith('-'))?.replace(/^.*\//, '')
  return name !== undefined && !asideCommands.has(name) && !asideNames.test(name)
}

const opamRun = /^(?:The following actions (?:will|would) be (?:performed|simulated)|<><> (?!Error report))/
const opamEnd = /^Done\.$/
const opamProgress = /^(?:[∗*λ⬇]|->) *(?:installed|compiled|retrieved|removed)\b/
const signPatterns: Record<ProgressSign, RegExp> = {
  FETCHED:
    /\bsaved \[\d|awaiting response\.\.\. 2\d\d\b|^(?:remote: )?(?:Receiving objects|Resolving deltas): +100%|^HEAD is now at |^Fetched \d|^ *100 +\S+ +100 |^(?:⬇|->) *retrieved |^Your branch is up to date/,
  WORK: /^(?:(?:\S{1,100}[/-])?(?:gcc|cc|clang|g\+\+|c\+\+|ar|ranlib|ocamlfind|ocamlopt|ocamlc|ocamldep|ocamllex|menhir)(?:\.opt)? (?!.*\berror: )\S+| +(?:CC|CXX|AR|LD|LINK|OCAMLOPT|OCAMLC|GEN|HOSTCC|ocamlc|ocamlopt|ocamldep) |\[ *\d+%\] |\[\d+\/\d+\] | +Compiling \S+ v|(?:g?make)(?:\[\d+\])?: Entering directory|Running\[\d+\]: |Test Successful|(?:[∗*λ]|->) *(?:installed|compiled) |Setting up |Unpacking |\s*ok \d+\b|PASS: |[│|> ]*\[OK\])/,
  CONFIGURE:
    /^(?:checking |configure: creating |config\.status: |-- (?:Looking for|Check|Performing|Detecting|Configuring done))/,
}
const signs = Object.keys(signPatterns) as ProgressSign[]

/** Where the build went on. */
export type Progress = {
  /** Whether a failure that `rule` finds in `lines[at]` was none, since the build went on after it. */
  undid: (rule: FailureRule, at: number) => boolean
}

/** Takes time in proportion to the number of lines. */
export function progressOf(lines: readonly ReadLine[], kinds: readonly LineKind[]): Progress {
  const last: Record<ProgressSign | 'RUN', number> = { RUN: -1, FETCHED: -1, WORK: -1, CONFIGURE: -1 }
  // A trace in opam's report of a command is one of that command, and says nothing of what is outside.
  const lastInReport = new Map<number, number>()
  const reportAt = new Int32Array(lines.length).fill(-1)
  let report = -1
  let lastOpamProgress = -100
  lines.forEach(({ said, shown }, at) => {
    if (said === '### output ###') report = at
    else if (report >= 0 && shown === '') report = -1
    reportAt[at] = report
    if (said === '' || kinds[at] === 'DIFF' || kinds[at] === 'QUOTE') return
    for (const sign of signs) if (signPatterns[sign].test(said)) last[sign] = at
    if (opamProgress.test(said)) lastOpamProgress = at
    const command = kinds[at] === 'TRACE' ? tracedCommand(said) : null
    const isRun =
      (command !== null && isWorkingCommand(command)) ||
      (report < 0 && opamRun.test(said)) ||
      (opamEnd.test(said) && at - lastOpamProgress <= 8)
    if (!isRun) return
    if (report >= 0) lastInReport.set(report, at)
    else last.RUN = at
  })
  return {
    undid: ({ undoneBy = [] }, at) =>
      at < last.RUN ||
      at < (lastInReport.get(reportAt[at] ?? -1) ?? -1) ||
      undoneBy.some((sign) => at < last[sign]),
  }
}
