import type { BuildId } from '../ids.ts'
import { inputKey, type BuildInputs, type InputChange } from './build-inputs.ts'

/** A build of the job: like the one before the change, like the one after it, or neither. */
export type SeriesBuild = { id: BuildId; side: 'BEFORE' | 'AFTER' | 'OTHER'; inputs: BuildInputs }

/** What else is known of the changes. */
export type Hints = {
  job: string
  /** What the failed build printed of its reason. */
  excerpt: string | null
  /** How many other jobs broke within the same hours with the same change, by `inputKey`. */
  brokenElsewhere: ReadonlyMap<string, number>
  /** How many other jobs are built with the new state now, by `inputKey`. */
  builtElsewhere: ReadonlyMap<string, number>
}

/**
 * SUSPECT: the one that explains it best. POSSIBLE: nothing speaks against it. CLEARED: a build shows that it is not the cause alone. `reason`
 * completes a row; `clearedBy` is that build.
 */
export type JudgedChange = InputChange & {
  standing: 'SUSPECT' | 'POSSIBLE' | 'CLEARED'
  reason: string
  clearedBy: BuildId | null
}

type Evidence = { weight: number; words: string }
type Weighed = { change: InputChange; evidence: Evidence[]; weight: number }

/**
 * Which of the changes between two builds of a series is the cause. A build of the first kind that has the new state clears a change, and so does one
 * of the second kind that has the old state. Among the others the evidence decides: the names in the message of the failure, what broke elsewhere with
 * it, and how often an input changed without any consequence. `series` is in order of time.
 */
export function judgeChanges(
  changes: readonly InputChange[],
  series: readonly SeriesBuild[],
  hints: Hints,
): JudgedChange[] {
  const cleared = new Map(changes.map((change) => [change, findClearing(change, series)]))
  const open = changes
    .filter((change) => !cleared.get(change))
    .map((change) => weigh(change, series, hints))
    .toSorted((l, r) => r.weight - l.weight)
  const suspects = leadersOf(open)
  // A commit of a repository is told by the packages that it brings.
  const single = (all: readonly InputChange[]) => all.filter(({ kind }) => kind !== 'REPOSITORY').length
  const openCount = single(open.map(({ change }) => change))
  const [first] = suspects
  return [
    ...open.map(({ change, evidence }): JudgedChange => {
      const isSuspect = first?.change === change
      const words = evidence.map((one) => one.words)
      return {
        ...change,
        standing: isSuspect ? 'SUSPECT' : 'POSSIBLE',
        reason: (isSuspect ? [...reasonsOf(suspects, single(changes), openCount), ...words] : words).join(
          '; ',
        ),
        clearedBy: null,
      }
    }),
    ...changes.flatMap((change): JudgedChange[] => {
      const by = cleared.get(change)
      return by ? [{ ...change, standing: 'CLEARED', ...by }] : []
    }),
  ]
}

function findClearing(
  { kind, name, left, right }: InputChange,
  series: readonly SeriesBuild[],
): Pick<JudgedChange, 'reason' | 'clearedBy'> | null {
  for (const { id, side, inputs } of series) {
    const states = inputs[kind]
    if (!states || side === 'OTHER') continue
    const state = states.get(name) ?? null
    if (side === 'BEFORE' && state === right)
      return { reason: 'a build without the effect has it, too', clearedBy: id }
    if (side === 'AFTER' && state === left)
      return { reason: 'a build with the effect does not have it', clearedBy: id }
  }
  return null
}

/** Packages that only follow another one: they never change alone. */
const followers = /^(ocaml|ocaml-config|ocaml-compiler|ocaml-options-vanilla|base-.*)$/

function weigh(change: InputChange, series: readonly SeriesBuild[], hints: Hints): Weighed {
  const { kind, name } = change
  const elsewhere = hints.brokenElsewhere.get(inputKey(change)) ?? 0
  const built = hints.builtElsewhere.get(inputKey(change)) ?? 0
  const other = countOtherChanges(change, series)
  const evidence: Evidence[] = [
    { weight: isNamed(name, hints.excerpt) ? 8 : 0, words: 'the message of the failure names it' },
    {
      weight: elsewhere === 0 ? 0 : 5 + Math.min(elsewhere, 10) / 10,
      words: `${elsewhere} other ${elsewhere === 1 ? 'job' : 'jobs'} broke with it within hours`,
    },
    { weight: kind === 'PACKAGE' && name === hints.job ? 3 : 0, words: "it is the job's own package" },
    {
      weight: built === 0 ? 0 : -2,
      words: `${built} other ${built === 1 ? 'job is' : 'jobs are'} built with it now`,
    },
    { weight: other === 0 ? 0 : -4, words: 'it also changed at other times, without this effect' },
  ]
  const weights: Partial<Record<InputChange['kind'], number>> = {
    ...{ PACKAGE: 2, VENDORED: 2, OPAM_FILE: 1, SCRIPT: 2, PLATFORM: 2, SYSTEM_PACKAGE: 0.5, ENVIRONMENT: 0 },
    // A commit of a repository brings the packages that are listed themselves.
    REPOSITORY: -2,
  }
  const counted = evidence.filter(({ weight }) => weight !== 0)
  const base = (weights[kind] ?? 0) - (kind === 'PACKAGE' && followers.test(name) ? 0.5 : 0)
  return { change, evidence: counted, weight: counted.reduce((sum, { weight }) => sum + weight, base) }
}

/** Letters of a name continue it: `lwt` is not named by `lwt_react`. */
function isNamed(name: string, excerpt: string | null): boolean {
  if (excerpt === null || name.length < 3) return false
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
  return new RegExp(String.raw`(?<![\w-])${escaped}(?![\w-])`).test(excerpt)
}

/** Steps from one build to the next like it in which an input changed. */
function countOtherChanges({ kind, name }: InputChange, series: readonly SeriesBuild[]): number {
  const known = series.filter(({ inputs, side }) => inputs[kind] && side !== 'OTHER')
  return known.filter(({ side, inputs }, index) => {
    const next = known[index + 1]
    return next && next.side === side && next.inputs[kind]?.get(name) !== inputs[kind]?.get(name)
  }).length
}

/** Those with the most weight, if they are one change, or packages of one release: the shortest name first. */
function leadersOf(open: readonly Weighed[]): Weighed[] {
  const [first] = open
  if (!first) return []
  if (first.change.kind === 'REPOSITORY') return []
  const leaders = open.filter(({ weight }) => weight === first.weight)
  const release = releaseOf(first.change)
  if (leaders.length > 1 && !leaders.every(({ change }) => releaseOf(change) === release)) return []
  return leaders.toSorted((l, r) => l.change.name.length - r.change.name.length)
}

/** Packages of one source repository are released together: `dns`, `dns-client` and `dns-server`, all from 9.0.0 to 9.1.0. */
const releaseOf = ({ kind, name, left, right }: InputChange) =>
  kind === 'PACKAGE' ? `${name.split('-')[0]} ${left} ${right}` : `${kind} ${name}`

function reasonsOf(suspects: readonly Weighed[], all: number, open: number): string[] {
  const others = suspects.length - 1
  const release = others === 0 ? '' : `, with ${others} more of its release`
  if (all === suspects.length) return [`the only input that changed${release}`]
  if (open === suspects.length) return [`the only change that no other build clears${release}`]
  if (suspects[0]?.evidence.length === 0) return [`the likeliest kind of what remains${release}`]
  return others === 0 ? [] : [`together${release}`]
}
