/** Why a build failed, as far as its console or its result tells. */
export const failureClasses = [
  'OUT_OF_SPACE',
  'OUT_OF_MEMORY',
  'KILLED',
  'TIMEOUT',
  'DEPENDENCY_NOT_SOLVABLE',
  'DOWNLOAD_FAILED',
  'TEST_FAILED',
  'COMPILE_ERROR',
  'NO_BINARY',
  'UNKNOWN',
] as const
export type FailureClass = (typeof failureClasses)[number]

/**
 * What a line must hold to tell of a failure: one of some texts, or a pattern, which has to be linear:
 * consoles are hostile. Lines come without times, colours and opam's `# `.
 *
 * `rank`: 1 for causes that show as other failures too (a full disk as an error of the compiler), 2 for
 * what names the failure, 3 for what tells only that something failed. The lowest rank wins, then the last line.
 */
export type FailureRule = {
  name: string
  class: FailureClass
  rank: 1 | 2 | 3
  /** In words, as a sentence goes on after "because". */
  because: string
  texts?: readonly string[]
  pattern?: RegExp
}

/**
 * What opam, orb, dune, compilers, test libraries, apt, pkg, curl, wget, fetch and git print.
 * Each has an example in test/server/analyses/failure-samples.ts.
 */
export const failureRules: readonly FailureRule[] = [
  {
    name: 'no-space',
    class: 'OUT_OF_SPACE',
    rank: 1,
    because: 'the disk was full',
    texts: [
      'No space left on device',
      'Disk quota exceeded',
      "You don't have enough free space in",
      'filesystem is full',
      'filesystem full',
      'Not enough space in',
    ],
  },
  {
    name: 'no-memory',
    class: 'OUT_OF_MEMORY',
    rank: 1,
    because: 'there was not enough memory',
    texts: [
      'Cannot allocate memory',
      'virtual memory exhausted',
      'memory exhausted',
      'out of memory allocating',
      'exception Out_of_memory',
      'Fatal error: out of memory',
      'Out of memory: Kill',
      'std::bad_alloc',
      'oom-kill',
      'failed to reclaim memory',
      'out of swap space',
    ],
  },
  {
    name: 'process-killed',
    class: 'KILLED',
    rank: 1,
    because: 'one of its processes was killed, often for lack of memory',
    texts: ['got signal KILL', 'Killed signal terminated program', 'terminated with signal 9', 'Killed: 9'],
    pattern: /^Killed$|^exit-code +137$|exited with (?:code )?137\b|^(?:g?make).*Error 137$/,
  },
  {
    name: 'time-limit',
    class: 'TIMEOUT',
    rank: 2,
    because: 'it took too long',
    texts: ['timeout: sending signal', '+++ Timeout!!', 'Build timed out'],
  },
  {
    name: 'opam-no-solution',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 2,
    because: 'opam found no set of packages that fit together',
    texts: [
      'No solution found, exiting',
      'Sorry, no solution found',
      '[ERROR] No solution for',
      '[ERROR] Package conflict!',
      "Your request can't be satisfied",
      "The following dependencies couldn't be met",
      "Can't find all required versions",
    ],
  },
  {
    name: 'opam-no-package',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 2,
    because: 'opam knows no such package, or version',
    texts: ['[ERROR] No package named', '[ERROR] No package matching'],
    pattern: /^\[ERROR\] Package \S+ has no version /,
  },
  {
    name: 'opam-solver-timeout',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 2,
    because: "opam's solver found nothing in the time that it had",
    texts: ['resolution of the request timed out'],
  },
  {
    name: 'system-package',
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rank: 2,
    because: 'a system package is not there, or does not fit the others',
    texts: [
      'E: Unable to locate package',
      'has no installation candidate',
      'The following packages have unmet dependencies',
      'E: Unable to correct problems, you have held broken packages',
      'pkg: No packages available to install matching',
      'dpkg: dependency problems prevent configuration',
    ],
  },
  {
    name: 'opam-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 2,
    because: 'opam could not get the sources of a package',
    texts: [
      'ERROR while fetching sources for',
      '[ERROR] Failed to get sources of',
      '[ERROR] Failed to get extra source',
      "sources of the following couldn't be obtained",
      'OpamSolution.Fetch_fail(',
      '[ERROR] Could not update repository',
      '[ERROR] Initial download of repository failed',
      '[ERROR] Bad checksum',
    ],
  },
  {
    name: 'system-fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 2,
    because: 'a system package could not be downloaded',
    texts: [
      'E: Failed to fetch',
      'E: Unable to fetch some archives',
      'pkg: Failed to fetch',
      'Unable to update repository',
    ],
    pattern: /^pkg: (?:https?|pkg\+https?):\S+: /,
  },
  {
    name: 'fetch',
    class: 'DOWNLOAD_FAILED',
    rank: 2,
    because: 'a file could not be downloaded',
    texts: [
      'unable to resolve host address',
      'Could not resolve host',
      'Temporary failure in name resolution',
      'fatal: unable to access',
      'fatal: Could not read from remote repository',
      'The requested URL returned error:',
    ],
    pattern: /^curl: \(\d+\) |\bERROR [45]\d\d: |^fetch: (?:https?|ftp):\S+: |^Giving up\.$/,
  },
  {
    name: 'opam-test',
    class: 'TEST_FAILED',
    rank: 2,
    because: 'the tests of a package failed',
    texts: ['ERROR while testing ', 'ERROR while running tests for '],
    pattern:
      /^\[ERROR\] The tests? of \S+ failed|\bfailed at "[^"]*(?:runtest|@test|make"? "?(?:test|check))/,
  },
  {
    name: 'test',
    class: 'TEST_FAILED',
    rank: 2,
    because: 'a test failed',
    texts: ['Test Failed!', 'The following tests FAILED:'],
    pattern:
      /^[│|> ]*\[FAIL\]|^FAILED: Cases: \d|^failure \(\d+ tests? failed|^\d+ (?:error|failure)s?! in \d|^# FAIL: +[1-9]/,
  },
  {
    name: 'ocaml-error',
    class: 'COMPILE_ERROR',
    rank: 2,
    because: 'the compiler, or dune, refused a file',
    pattern: /^Error(?: \([^)]{1,100}\))?: /,
  },
  {
    name: 'c-error',
    class: 'COMPILE_ERROR',
    rank: 2,
    because: 'the C compiler refused a file',
    pattern: /^[^\s:]{1,300}:\d+(?::\d+)?: (?:fatal )?error: /,
  },
  {
    name: 'link-error',
    class: 'COMPILE_ERROR',
    rank: 2,
    because: 'the program could not be linked',
    texts: [
      'undefined reference to',
      'ld: cannot find ',
      'ld: error: ',
      'collect2: error:',
      'Error during linking',
    ],
  },
  {
    name: 'library-missing',
    class: 'COMPILE_ERROR',
    rank: 2,
    because: 'a library or program that the build needs is missing',
    texts: ['configure: error:', 'CMake Error'],
    pattern: /^ocamlfind: Package `[^']{1,200}' not found/,
  },
  {
    name: 'opam-build',
    class: 'COMPILE_ERROR',
    rank: 3,
    because: 'a package could not be built',
    texts: ['ERROR while compiling ', 'ERROR while installing '],
    pattern: /^\[ERROR\] The (?:compilation|installation) of \S+ failed/,
  },
  {
    name: 'make',
    class: 'COMPILE_ERROR',
    rank: 3,
    because: 'make stopped',
    pattern: /^g?make(?:\[\d+\])?: \*\*\* |^ninja: build stopped/,
  },
  {
    name: 'command-missing',
    class: 'UNKNOWN',
    rank: 3,
    because: 'a command of the build script is not there',
    pattern: /^\S{1,100}: (?:\d+: |line \d+: )?[^\s:]{1,200}: (?:command )?not found$/,
  },
]

/** The first rule that a line meets. */
export function findRule(text: string): FailureRule | null {
  return failureRules.find((rule) => meets(text, rule)) ?? null
}

function meets(text: string, { texts, pattern }: FailureRule): boolean {
  return texts?.some((one) => text.includes(one)) === true || pattern?.test(text) === true
}
