import type { FailureClass } from '../../../server/analyses/failure/failure-rule.ts'

/** What a tool prints when it fails: the rule that tells it, and the lines that explain it, counted from 0. */
export type FailureSample = {
  class: FailureClass
  rule: string | null
  text: string
  excerpt: [first: number, last: number]
}

const opamBlock = (what: string, command: string, exitCode: number, output: string) => `\
[ERROR] The compilation of ${what} failed at "${command}".

#=== ERROR while compiling ${what} ${'='.repeat(20)}#
# context              2.1.2 | linux/x86_64 | ocaml-base-compiler.4.14.1 | https://opam.ocaml.org
# path                 /tmp/myswitch/.opam-switch/build/${what}
# command              ${command}
# exit-code            ${exitCode}
# env-file             /tmp/log/${what}-1-1.env
# output-file          /tmp/log/${what}-1-1.out
### output ###
${output
  .split('\n')
  .map((line) => `# ${line}`)
  .join('\n')}


<><> Error report <><><><><><><><><><><><><><><><><><><><><><><><><><><><><><><>
┌─ The following actions failed
│ λ build ${what.replace('.', ' ')}
└─ 
╶─ No changes have been performed
[ORB] Installation failed with 31
[ORB] cleaning up
`

/**
 * By what it is that failed. The texts are opam's, dune's and so on, as they stand in their sources, in
 * bug reports and in logs; the names in them are made up.
 */
export const failureSamples: Record<string, FailureSample> = {
  'opam finds no solution (2.0)': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'opam-no-solution',
    text: `+ opam install beacon
Sorry, no solution found: there seems to be a problem with your request.

No solution found, exiting
`,
    excerpt: [1, 3],
  },
  'opam finds a conflict (2.1)': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'opam-no-solution',
    text: `+ opam install . --deps-only
[ERROR] Package conflict!
  * Missing dependency:
    - beacon >= 0.0.1
    no matching version

No solution found, exiting
`,
    excerpt: [1, 6],
  },
  'opam knows no such package': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'opam-no-package',
    text: '[ERROR] No package named beacon found.\n',
    excerpt: [0, 0],
  },
  'opam knows no such version': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'opam-no-package',
    text: '[ERROR] Package beacon has no version 9.\n',
    excerpt: [0, 0],
  },
  "opam's solver takes too long": {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'opam-solver-timeout',
    text: `<><> Synchronising pinned packages ><><><><><><><><><><><><><><><><><><><><><><>
[ERROR] Sorry, resolution of the request timed out.
        Try to specify a simpler request, use a different solver, or increase
        the allowed time by setting OPAMSOLVERTIMEOUT to a bigger value
        (currently, it is set to 600.0 seconds).
`,
    excerpt: [1, 4],
  },
  'apt does not know a package': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'system-package',
    text: `Reading package lists...
Building dependency tree...
Reading state information...
E: Unable to locate package libbeacon-dev
`,
    excerpt: [3, 3],
  },
  'apt cannot fit packages together': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'system-package',
    text: `The following information may help to resolve the situation:

The following packages have unmet dependencies:
 libssl-dev : Depends: libssl1.0.0 (= 1.0.1f-1) but 1.0.1f-2 is to be installed
E: Unable to correct problems, you have held broken packages.
`,
    excerpt: [2, 4],
  },
  'pkg does not know a package': {
    class: 'DEPENDENCY_NOT_SOLVABLE',
    rule: 'system-package',
    text: `All repositories are up to date.
pkg: No packages available to install matching 'beacon' have been found in the repositories
`,
    excerpt: [1, 1],
  },
  'opam cannot get sources': {
    class: 'DOWNLOAD_FAILED',
    rule: 'opam-fetch',
    text: `[ERROR] Failed to get sources of beacon.1.9.6: curl error code 504

#=== ERROR while fetching sources for beacon.1.9.6 ============================#
OpamSolution.Fetch_fail("http://example.org/beacon-1.9.6.tar.gz (curl: code 504 while downloading http://example.org/beacon-1.9.6.tar.gz)")


<><> Error report <><><><><><><><><><><><><><><><><><><><><><><><><><><><><><><>
`,
    excerpt: [0, 3],
  },
  'a checksum is wrong': {
    class: 'DOWNLOAD_FAILED',
    rule: 'opam-fetch',
    text: `#=== ERROR while fetching sources for beacon.0.1 ==============================#
OpamSolution.Fetch_fail("https://example.org/beacon-0.1.tar.bz2 (Bad checksum, expected sha256=c5c6509d)")
`,
    excerpt: [0, 1],
  },
  'opam 2.0 cannot get sources': {
    class: 'DOWNLOAD_FAILED',
    rule: 'opam-fetch',
    text: `[ERROR] The sources of the following couldn't be obtained, aborting:
          - beacon.2.0.1: Bad checksum
          - beacon-core.2.0.1: Bad checksum
`,
    excerpt: [0, 2],
  },
  'wget finds no file': {
    class: 'DOWNLOAD_FAILED',
    rule: 'fetch',
    text: `+ wget -O orb.deb https://example.org/orb.deb
HTTP request sent, awaiting response... 404 Not Found
2026-11-01 10:00:00 ERROR 404: Not Found.

`,
    excerpt: [2, 2],
  },
  'wget finds no host': {
    class: 'DOWNLOAD_FAILED',
    rule: 'fetch',
    text: "wget: unable to resolve host address 'example.org'\n",
    excerpt: [0, 0],
  },
  'curl cannot connect': {
    class: 'DOWNLOAD_FAILED',
    rule: 'fetch',
    text: 'curl: (7) Failed to connect to example.org port 443: Connection refused\n',
    excerpt: [0, 0],
  },
  "FreeBSD's fetch finds no file": {
    class: 'DOWNLOAD_FAILED',
    rule: 'fetch',
    text: `+ fetch -o orb.pkg https://example.org/orb.pkg
fetch: https://example.org/orb.pkg: Not Found
`,
    excerpt: [1, 1],
  },
  'git cannot clone': {
    class: 'DOWNLOAD_FAILED',
    rule: 'git-fetch',
    text: `Cloning into 'beacon'...
fatal: unable to access 'https://example.org/beacon.git/': Could not resolve host: example.org
`,
    excerpt: [1, 1],
  },
  'apt cannot fetch': {
    class: 'DOWNLOAD_FAILED',
    rule: 'system-fetch',
    text: `E: Failed to fetch http://deb.example.org/m4_1.4.19-3_amd64.deb  404  Not Found [IP: 192.0.2.1 80]
E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?
`,
    excerpt: [0, 1],
  },
  'pkg cannot fetch': {
    class: 'DOWNLOAD_FAILED',
    rule: 'system-fetch',
    text: `Updating FreeBSD repository catalogue...
pkg: https://pkg.example.org/FreeBSD:14:amd64/quarterly/meta.txz: Operation timed out
`,
    excerpt: [1, 1],
  },
  'a download within a build': {
    class: 'DOWNLOAD_FAILED',
    rule: 'fetch',
    text: opamBlock('beacon.1', './fetch.sh', 6, 'curl: (6) Could not resolve host: example.org'),
    excerpt: [10, 10],
  },
  'a type error': {
    class: 'COMPILE_ERROR',
    rule: 'ocaml-error',
    text: opamBlock(
      'beacon.1.0',
      'dune build -p beacon -j 4',
      1,
      `File "src/a.ml", line 2, characters 1-6:
2 | let unused = 1
     ^^^^^^
Warning 32 [unused-value-declaration]: unused value unused.
File "src/beacon.ml", line 3, characters 29-31:
3 | let () = greet 42
                   ^^
Error: This expression has type int but an expression was expected of type
         string`,
    ),
    excerpt: [14, 18],
  },
  'a warning that is an error': {
    class: 'COMPILE_ERROR',
    rule: 'ocaml-error',
    text: `File "bin/main.ml", lines 3-4, characters 0-5:
Error (warning 8 [partial-match]): this pattern-matching is not exhaustive.
Here is an example of a case that is not matched:
None
`,
    excerpt: [0, 3],
  },
  'dune finds no library': {
    class: 'COMPILE_ERROR',
    rule: 'ocaml-error',
    text: `File "lib/dune", line 4, characters 12-15:
4 |  (libraries seq)
                ^^^
Error: Library "seq" not found.
-> required by library "re" in _build/default/lib
`,
    excerpt: [0, 4],
  },
  'a C error': {
    class: 'COMPILE_ERROR',
    rule: 'c-error',
    text: `gcc -O2 -c beacon_stubs.c
beacon_stubs.c: In function 'beacon':
beacon_stubs.c:12:3: error: implicit declaration of function 'light' [-Werror=implicit-function-declaration]
   12 |   light();
      |   ^~~~~
make: *** [Makefile:4: beacon_stubs.o] Error 1
`,
    excerpt: [2, 4],
  },
  'a missing header': {
    class: 'COMPILE_ERROR',
    rule: 'c-error',
    text: `src/beacon.c:1:10: fatal error: gmp.h: No such file or directory
compilation terminated.
`,
    excerpt: [0, 1],
  },
  'a missing symbol': {
    class: 'COMPILE_ERROR',
    rule: 'link-error',
    text: `/usr/bin/ld: beacon.o: in function \`main':
beacon.c:(.text+0x5): undefined reference to \`light'
collect2: error: ld returned 1 exit status
`,
    excerpt: [1, 2],
  },
  'ocamlfind finds no package': {
    class: 'COMPILE_ERROR',
    rule: 'library-missing',
    text: "ocamlfind: Package `beacon' not found\n",
    excerpt: [0, 0],
  },
  'configure gives up': {
    class: 'COMPILE_ERROR',
    rule: 'library-missing',
    text: 'checking for gmp... no\nconfigure: error: gmp is required\n',
    excerpt: [1, 1],
  },
  'a build that fails without a word': {
    class: 'COMPILE_ERROR',
    rule: 'opam-build',
    text: opamBlock('beacon.1.0', './build.sh', 1, 'going on\ngone'),
    excerpt: [10, 11],
  },
  'make stops': {
    class: 'COMPILE_ERROR',
    rule: 'make',
    text: 'beacon: going on\ngmake[1]: *** [Makefile:3: all] Error 2\n',
    excerpt: [0, 1],
  },
  'a test of Alcotest': {
    class: 'TEST_FAILED',
    rule: 'test',
    text: opamBlock(
      'beacon.1.0',
      'dune build -p beacon -j 4 @install @runtest',
      1,
      `Testing \`beacon'.
[OK]          light          0   on.
> [FAIL]      light          1   off.
Full test results in \`/tmp/_build/_tests/beacon'.
1 failure! in 0.001s. 2 tests run.`,
    ),
    excerpt: [12, 14],
  },
  'tests that only say so by their exit': {
    class: 'TEST_FAILED',
    rule: 'opam-test',
    text: opamBlock('beacon.1.0', 'make test', 2, 'testing\nlight: off, should be on'),
    excerpt: [10, 11],
  },
  'a test of OUnit': {
    class: 'TEST_FAILED',
    rule: 'test',
    text: 'Ran: 3 tests in: 0.11 seconds.\nFAILED: Cases: 3 Tried: 3 Errors: 0 Failures: 1 Skip:  0 Todo: 0 Timeouts: 0.\n',
    excerpt: [1, 1],
  },
  'a full disk': {
    class: 'OUT_OF_SPACE',
    rule: 'no-space',
    text: opamBlock(
      'beacon.1.0',
      'dune build -p beacon -j 4',
      1,
      `File "src/dune", line 1, characters 0-9:
Error: exception Sys_error("No space left on device")`,
    ),
    excerpt: [10, 11],
  },
  'no memory for the assembler': {
    class: 'OUT_OF_MEMORY',
    rule: 'no-memory',
    text: `Error: I/O error: as -o 'beacon.o' '/tmp/camlasmf44b80.s': Cannot allocate memory
make: *** [all] Error 2
`,
    excerpt: [0, 0],
  },
  'no memory for a program in OCaml': {
    class: 'OUT_OF_MEMORY',
    rule: 'no-memory',
    text: 'Fatal error: exception Out_of_memory\n',
    excerpt: [0, 0],
  },
  'the kernel kills the compiler (dune)': {
    class: 'KILLED',
    rule: 'process-killed',
    text: opamBlock(
      'beacon.1.0',
      'dune build -p beacon -j 71',
      1,
      `    ocamlopt src/.beacon.objs/native/beacon.{cmx,o} (got signal KILL)
(cd _build/default && ocamlopt.opt -w -40 -g -I src)`,
    ),
    excerpt: [10, 11],
  },
  'the kernel kills the compiler (gcc)': {
    class: 'KILLED',
    rule: 'process-killed',
    text: `gcc: fatal error: Killed signal terminated program cc1
compilation terminated.
make: *** [Makefile:142: build] Error 4
`,
    excerpt: [0, 1],
  },
  'the kernel kills a command of opam': {
    class: 'KILLED',
    rule: 'process-killed',
    text: opamBlock('beacon.1.9.1', 'ocaml bootstrap.ml', 137, 'ocamldep.opt -modules'),
    excerpt: [10, 10],
  },
  'timeout ends a command': {
    class: 'TIMEOUT',
    rule: 'time-limit',
    text: "+ timeout -v 60 beacon\ntimeout: sending signal TERM to command 'beacon'\n",
    excerpt: [1, 1],
  },
  'a command is not there': {
    class: 'UNKNOWN',
    rule: 'command-missing',
    text: '+ orb build beacon\n/tmp/build.sh: 5: orb: not found\n',
    excerpt: [1, 1],
  },
  'nothing that is known': {
    class: 'UNKNOWN',
    rule: null,
    text: '+ beacon\nlights out\n',
    excerpt: [0, 1],
  },
}
