import { constants } from 'node:os'

/** OCaml numbers the signals that every system has from -1 downwards. Source: OCaml's sys.ml. */
const ocamlSignals = (
  'SIGABRT SIGALRM SIGFPE SIGHUP SIGILL SIGINT SIGKILL SIGPIPE SIGQUIT SIGSEGV SIGTERM SIGUSR1 SIGUSR2 SIGCHLD ' +
  'SIGCONT SIGSTOP SIGTSTP SIGTTIN SIGTTOU SIGVTALRM SIGPROF SIGBUS SIGPOLL SIGSYS SIGTRAP SIGURG SIGXCPU SIGXFSZ'
).split(' ')

// Reversed: of two names for one number (SIGABRT, SIGIOT) the first listed, the usual one, stays.
const systemSignals = new Map(
  Object.entries(constants.signals)
    .map(([name, number]) => [number, name] as const)
    .toReversed(),
)

/** -7 (what a builder-worker in OCaml reports) and 9 are both `SIGKILL`; null when unknown. */
export function signalName(signal: bigint): string | null {
  const number = Number(signal)
  return (number < 0 ? ocamlSignals[-number - 1] : systemSignals.get(number)) ?? null
}

/** The number that a builder-worker reports for a signal: -7 for `SIGKILL`. What OCaml does not know has the system's own number. */
export function ocamlSignal(name: string): bigint {
  const index = ocamlSignals.indexOf(name)
  return BigInt(index === -1 ? (constants.signals[name as NodeJS.Signals] ?? 0) : -index - 1)
}
