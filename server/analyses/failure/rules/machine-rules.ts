import type { FailureRule } from '../failure-rule.ts'

// A message of the system's library stands at the end of a line, after a colon, or in brackets or quotes.
const systemMessage = (text: string) =>
  new RegExp(
    `(?:^|[:([\\]'"‘“] ?)${text}(?:$|[)'"’”\\]]|[.;] ?$|: ['"/]| \\((?:os error |\\d|core dumped|ENO)|, (?:write|mkdir|open|copyfile|mmap|fork)\\b)`,
  )

/** Limits of the kernel that it reports by the message of a full disk. */
const notOfDisk =
  /namespace|unshare|clone|inotify|[Ww]atch|epoll|semget|shmget|keyring|add_key|\bkey\b|mount\(|mount point|perf_event|\bbpf\b|memfd|timer_create/

const space = systemMessage('[Nn]o space left on device')
const quota = systemMessage('[Dd]isk quota exceeded')
const otherSpace =
  /^E: You don't have enough free space in |: write failed, filesystem is full$|: filesystem full$|^pkg: Not enough space in |\bUnix\.ENOSPC\b|^npm (?:ERR!|error) (?:code )?ENOSPC\b|^\/\S*: write failed, file system is full$/

const memory = systemMessage('Cannot allocate memory')
const otherMemory = new RegExp(
  [
    String.raw`\bvirtual memory exhausted\b`,
    String.raw`^(?:\S{0,200}\/)?(?:\S{0,20}-)?(?:ld|as|grep|awk|sed|sort|bison|tar|ar|cc1\S{0,8})(?:\.\w+)?: (?:final link failed: |failed to set dynamic section sizes: )?memory exhausted$`,
    String.raw`\bout of memory allocating \d`,
    String.raw`^(?:Fatal error: |Error: |.{0,200}Uncaught )?exception:? (?:Stdlib\.)?Out_of_memory\b`,
    String.raw`^Fatal error: (?:.{1,100}: )?out of memory\.?$`,
    String.raw`^Fatal error: Not enough heap memory to `,
    String.raw`^terminate called after throwing an instance of 'std::bad_alloc'`,
    String.raw`^ *what\(\): +std::bad_alloc`,
    String.raw`\b[Oo]ut of memory: Kill(?:ed)? process`,
    String.raw`\boom-kill:constraint=`,
    String.raw`\bwas killed: (?:out of swap space|failed to reclaim memory|a thread waited too long to allocate a page)`,
    String.raw`^(?:<--- Last few GCs --->|FATAL ERROR: .{1,200}JavaScript heap out of memory)`,
    String.raw`^(?:fatal error: )?runtime: (?:out of memory|cannot allocate memory)`,
    String.raw`^memory allocation of \d+ bytes failed`,
    String.raw`\bLLVM ERROR: out of memory`,
    String.raw`^fatal: Out of memory\b`,
    String.raw`^(?:\S{1,100}: )?MemoryError$`,
    String.raw`\bjava\.lang\.OutOfMemoryError\b`,
    String.raw`\bUnix\.ENOMEM\b`,
    String.raw`^npm (?:ERR!|error) code ENOMEM`,
    String.raw`^(?:xz|zstd|bzip2): .{0,200}\b(?:[Nn]ot enough memory|[Ii]nsufficient memory)`,
  ].join('|'),
)

const crash =
  '(?:Segmentation fault|Aborted|Abort trap|Bus error|Illegal instruction|Floating (?:point )?exception|Trace/(?:breakpoint|BPT) trap|Bad system call|File size limit exceeded)'
const crashSignal = '(?:SEGV|ABRT|BUS|ILL|FPE|TRAP|SYS|XFSZ)'
const softSignal = '(?:TERM|INT|HUP|QUIT|PIPE|ALRM|USR1|USR2)'
const core = '(?:: \\d+)?(?: ?\\(core dumped\\))?'

/** What a machine lacked: it shows as failures of compilers and tests, too. */
export const machineRules: readonly FailureRule[] = [
  {
    name: 'no-space',
    class: 'OUT_OF_SPACE',
    rank: 'CAUSE',
    because: 'the disk was full',
    pattern: new RegExp(`${space.source}|${quota.source}|${otherSpace.source}`),
    where: (lines, at) => !notOfDisk.test(lines[at]?.said ?? ''),
    undoneBy: ['CONFIGURE'],
    reach: 100,
  },
  {
    name: 'no-memory',
    class: 'OUT_OF_MEMORY',
    rank: 'CAUSE',
    because: 'there was not enough memory',
    pattern: new RegExp(`${memory.source}|${otherMemory.source}`),
    undoneBy: ['CONFIGURE'],
    reach: 100,
  },
  {
    name: 'process-killed',
    class: 'KILLED',
    rank: 'SIGNAL',
    because: 'one of its processes was killed, often for lack of memory',
    pattern: new RegExp(
      [
        String.raw`^(?:.{0,300}\()?(?:Command )?(?:\[\d+\] )?got signal KILL\b`,
        String.raw`\bKilled signal terminated program\b`,
        String.raw`\b(?:terminated|killed) (?:with|by) signal 9\b`,
        String.raw`\binternal compiler error: Killed\b`,
        String.raw`^\S{0,100}clang\S{0,10}: error: unable to execute command: Killed$`,
        String.raw`\(signal: 9, SIGKILL: kill\)`,
        String.raw`\bdied with <Signals\.SIGKILL: 9>`,
        String.raw`^(?:\S{1,200}: )?Killed(?:: 9)?$`,
        String.raw`^(?:exit-code +)137$`,
        String.raw`\bexited with (?:code )?137\b`,
        String.raw`^(?:g|b)?make(?:\[\d+\])?: \*\*\* \[[^\]]{1,300}\] (?:Error 137|Killed(?:: 9)?)$`,
        String.raw`^(?:\S{1,200}: )?line \d+: +\d+ Killed(?:: 9)?\b`,
        String.raw`^\*\*\* (?:Signal 9|Error code 137)$`,
      ].join('|'),
    ),
    undoneBy: ['CONFIGURE'],
    reach: 100,
  },
  {
    name: 'process-crashed',
    class: 'KILLED',
    rank: 'SIGNAL',
    because: 'a signal ended one of its processes, as after a crash',
    pattern: new RegExp(
      [
        String.raw`^(?:.{0,300}\()?(?:Command )?(?:\[\d+\] )?got signal ${crashSignal}\b`,
        String.raw`^(?:\S{1,200}: )?${crash}${core}$`,
        String.raw`^(?:(?:\S{1,200}: )?line \d+:)? +\d+ ${crash}\b`,
        String.raw`^\[\d+\] +\d+ (?:segmentation fault|abort|bus error|illegal hardware instruction)\b`,
        String.raw`\bdied with <Signals\.SIG${crashSignal}: \d+>`,
        String.raw`^(?:g|b)?make(?:\[\d+\])?: \*\*\* \[[^\]]{1,300}\] (?:Error 1(?:32|34|39)|${crash}${core})$`,
        String.raw`^exit-code +(?:-\d+|13[249])$`,
        String.raw`\bterminated (?:with|by) signal (?:4|6|7|8|11)\b`,
        String.raw`\(signal: \d+, SIG${crashSignal}\b`,
        String.raw`^\*\*\* (?:Signal (?:4|6|8|10|11)|Error code 1(?:34|39))$`,
      ].join('|'),
    ),
    undoneBy: ['CONFIGURE'],
    reach: 100,
  },
  {
    name: 'time-limit',
    class: 'TIMEOUT',
    rank: 'SIGNAL',
    because: 'it took too long',
    pattern:
      /^timeout: sending signal |^\+\+\+ Timeout!!|^Build timed out|\bCPU time limit exceeded\b|^panic: test timed out after /,
    reach: 100,
  },
  {
    name: 'process-terminated',
    class: 'KILLED',
    rank: 'FAILURE',
    because: 'a signal ended one of its processes',
    pattern: new RegExp(
      [
        String.raw`^(?:.{0,300}\()?(?:Command )?(?:\[\d+\] )?got signal ${softSignal}\b`,
        String.raw`^(?:g|b)?make(?:\[\d+\])?: \*\*\* \[[^\]]{1,300}\] (?:Error 14[123]|Terminated|Interrupt|Hangup|Quit)$`,
        String.raw`^(?:Terminated|Hangup|Interrupt)$`,
      ].join('|'),
    ),
    reach: 30,
  },
]
