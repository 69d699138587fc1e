import type { Cause, CauseKind } from './causes.ts'
import type { DeepDiff, ListedDifference } from './deep-diff.ts'

type Words = { what: string; advice: string }

/** What each cause means, as a sentence, and what to do about it. */
export const causeWords: Record<CauseKind, Words> = {
  TIMESTAMP: {
    what: 'A date or time is in the file',
    advice:
      'Set SOURCE_DATE_EPOCH in the build, or leave the date out. Pack archives with fixed times, and gzip with -n.',
  },
  BUILD_PATH: {
    what: 'The path of the build is in the file',
    advice: 'Build in the same folder, or map it: BUILD_PATH_PREFIX_MAP for OCaml, -ffile-prefix-map for C.',
  },
  LOCALE: {
    what: 'The language of the system decided the order or the words',
    advice: 'Set LC_ALL=C.UTF-8 in the build.',
  },
  ORDER: {
    what: 'The same parts are in another order',
    advice:
      'Sort what is read from a folder or a hash table before it is written: tar --sort=name, and no OCAMLRUNPARAM=R.',
  },
  COMPRESSION: {
    what: 'The same content is compressed otherwise',
    advice: 'Use the same compressor, version, level and number of threads.',
  },
  COMPILER: {
    what: 'Another compiler made it',
    advice: 'Compare the versions of the compiler and its packages.',
  },
  USER: {
    what: 'The user that built it is in the file',
    advice:
      'Pack archives with --owner=0 --group=0 --numeric-owner, and keep the name of the user out of the build.',
  },
  HOST_NAME: {
    what: 'The name of the machine is in the file',
    advice: 'Keep the name of the machine out of the build.',
  },
  FILE_MODE: {
    what: 'Files have other permissions',
    advice: 'Set umask 022 in the build, or the modes when packing.',
  },
  RANDOMNESS: {
    what: 'Bytes without a pattern differ: random ones, or a hash of something else that differs',
    advice: 'Look for keys, UUIDs, temporary names and seeds that are made during the build.',
  },
  BUILD_ID: {
    what: 'The build id differs',
    advice:
      'It is a hash of the program as it was linked. If nothing else differs, the difference was in what was stripped since.',
  },
}

/** A cause as one sentence. */
export function describeCause({ kind, likelihood }: Pick<Cause, 'kind' | 'likelihood'>): string {
  const { what } = causeWords[kind]
  if (kind === 'TIMESTAMP') {
    return likelihood === 'LIKELY'
      ? 'The time of the build is in the file.'
      : 'A date or time in the file differs.'
  }
  return `${what}.`
}

/** A comparison in short: the likely causes, or that no cause is known and where the first difference is. */
export function summarizeDeepDiff({ causes, differences }: DeepDiff): string {
  if (differences.length === 0) return 'The files are equal.'
  const likely = causes.filter(({ likelihood }) => likelihood === 'LIKELY')
  if (likely.length > 0) return likely.map(describeCause).join(' ')
  const [possible] = causes
  if (possible) return `Possibly: ${describeCause(possible)}`
  return `The cause is unknown. The first difference is in ${pathOf(differences, firstPlace(differences))}.`
}

function firstPlace(differences: readonly ListedDifference[]): number {
  const at = differences.findIndex(
    ({ places, text, values, presence }) =>
      places.length > 0 || text !== null || values.length > 0 || presence !== 'BOTH',
  )
  return Math.max(0, at)
}

/** The names from the outermost one on: `data.tar.xz › data.tar › ./usr/bin/hello › .rodata`. */
export function pathOf(differences: readonly ListedDifference[], number: number): string {
  const names: string[] = []
  for (let at = number; at >= 0; at = differences[at]?.parent ?? -1)
    names.unshift(differences[at]?.name ?? '')
  return (names.length > 1 ? names.slice(1) : names).join(' › ')
}
