import { MalformedError } from '../errors.ts'
import { parseEnvironment } from '../formats/environment.ts'
import { decodeExactly, showInvalidBytesIn } from '../formats/exact-text.ts'
import { diffNamedValues, type NamedValuesDiff } from '../formats/named-values.ts'
import type { DuniverseDiff } from '../formats/opam/diff-duniverse.ts'
import { diffSwitches, type ChangedVersion, type SwitchDiff } from '../formats/opam/diff-switches.ts'
import { OpamLimitError } from '../formats/opam/opam-error.ts'
import { parseSwitchExport, type SwitchExport } from '../formats/opam/switch-export.ts'
import type { Side } from '../formats/side.ts'
import { parseSystemPackages } from '../formats/system-packages.ts'
import { diffTexts, type TextBudget, type TextDiff } from './text-diff.ts'
import { describeUnlisted, type UnlistedChange, withoutMark } from './unlisted-change.ts'

/** What of a build is compared by content. `DUNIVERSE` is a part of the opam switch. */
export type InputName = 'OPAM_SWITCH' | 'DUNIVERSE' | 'ENVIRONMENT' | 'SYSTEM_PACKAGES' | 'SCRIPT'

/** Something that cannot be compared because of one side, and why, in words. */
export type MissingInput = { input: InputName; side: Side; reason: string }

/** The bytes of what is compared; null: the build has none, or one that is not to be compared. */
export type InputContents = Record<
  'opamSwitch' | 'environment' | 'systemPackages' | 'script',
  Uint8Array | null
>

/** An opam package of the same version on both sides whose opam file differs. */
export type ChangedOpamFile = {
  name: string
  version: string
  /** The change can affect what is built: not only descriptions, links or maintainers differ. */
  isEffective: boolean
  diff: TextDiff
}

export type OpamDiff = Pick<SwitchDiff, 'onlyLeft' | 'onlyRight'> & {
  versionChanged: readonly ChangedVersion[]
  fileChanged: ChangedOpamFile[]
  /** The same version, but a side lacks the opam file: `side` says which. */
  fileUnknown: SwitchDiff['withoutSection']
  /** Null when a side has no readable list; then `missing` says why. */
  duniverse: Extract<DuniverseDiff, { kind: 'compared' }> | null
}

/** How the inputs of two builds differ. What cannot be compared is null, and told in `missing`. */
export type InputsDiff = {
  opam: OpamDiff | null
  environment: NamedValuesDiff | null
  systemPackages: NamedValuesDiff | null
  script: TextDiff | null
  /** Inputs that were compared, whose bytes differ, and of which nothing is listed above. */
  unlisted: UnlistedChange[]
  missing: MissingInput[]
}

/** What the text diffs of one comparison may hold together, and take. */
const textBudget: TextBudget = { characters: 2 * 1024 ** 2, milliseconds: 2_000 }

/**
 * Compare what went into two builds. A part that a side lacks is left out without a word: the caller
 * knows why. Takes as long as hostile input makes it: run it in a worker.
 */
export function diffInputs(left: InputContents, right: InputContents): InputsDiff {
  const missing: MissingInput[] = []
  const budget = { ...textBudget }
  const script = both(left.script, right.script, decodeExactly)
  const environment = both(left.environment, right.environment, (bytes) =>
    parseEnvironment(decodeExactly(bytes)),
  )
  const systemPackages = both(left.systemPackages, right.systemPackages, (bytes) =>
    parseSystemPackages(decodeExactly(bytes)),
  )
  const parts = {
    script: script && diffTexts(...script, budget),
    environment: environment && diffNamedValues(...environment),
    systemPackages: systemPackages && diffNamedValues(...systemPackages),
    opam: diffOpam(left.opamSwitch, right.opamSwitch, budget, missing),
  }
  return { ...showInvalidBytesIn(parts), unlisted: findUnlisted(left, right, parts), missing }
}

type Parts = Pick<InputsDiff, 'script' | 'environment' | 'systemPackages' | 'opam'>

/** A script has none: its lines are compared to the byte. */
function findUnlisted(
  left: InputContents,
  right: InputContents,
  { environment, systemPackages, opam }: Parts,
): UnlistedChange[] {
  const isEmpty = (lists: { onlyLeft: unknown[]; onlyRight: unknown[]; changed: unknown[] } | null) =>
    lists !== null && lists.onlyLeft.length + lists.onlyRight.length + lists.changed.length === 0
  const compared: [InputName, keyof InputContents, isEmpty: boolean][] = [
    ['OPAM_SWITCH', 'opamSwitch', opam !== null && !isAnyListed(opam)],
    ['ENVIRONMENT', 'environment', isEmpty(environment)],
    ['SYSTEM_PACKAGES', 'systemPackages', isEmpty(systemPackages)],
  ]
  return compared.flatMap(([input, key, isNothingListed]) => {
    const texts = isNothingListed ? both(left[key], right[key], decodeExactly) : null
    return texts && texts[0] !== texts[1] ? [{ input, words: describeUnlisted(input, ...texts) }] : []
  })
}

function isAnyListed({ duniverse, ...lists }: OpamDiff): boolean {
  const { onlyLeft = [], onlyRight = [], changed = [] } = duniverse ?? {}
  return [...Object.values(lists), onlyLeft, onlyRight, changed].some((list) => list.length > 0)
}

function both<Value>(
  left: Uint8Array | null,
  right: Uint8Array | null,
  read: (bytes: Uint8Array) => Value,
): [Value, Value] | null {
  return left && right && [read(left), read(right)]
}

function diffOpam(
  left: Uint8Array | null,
  right: Uint8Array | null,
  budget: TextBudget,
  missing: MissingInput[],
): OpamDiff | null {
  const leftSwitch = left && readSwitch(left, 'left', missing)
  const isSame = left && right && Buffer.compare(left, right) === 0
  // Reproduced builds have the same switch: it is read once.
  const rightSwitch = isSame && leftSwitch ? leftSwitch : right && readSwitch(right, 'right', missing)
  if (!leftSwitch || !rightSwitch) return null
  const { duniverse, ...packages } = diffSwitches(leftSwitch, rightSwitch)
  if (duniverse.kind === 'unavailable') {
    for (const { side, reason } of duniverse.reasons) missing.push({ input: 'DUNIVERSE', side, reason })
  }
  return {
    onlyLeft: packages.onlyLeft,
    onlyRight: packages.onlyRight,
    versionChanged: packages.changedVersions,
    fileUnknown: packages.withoutSection,
    fileChanged: packages.changedSections.map((it) => ({
      name: it.name,
      version: it.version,
      isEffective: !it.isEffectivelyEqual,
      diff: diffTexts(it.left, it.right, budget),
    })),
    duniverse: duniverse.kind === 'compared' ? duniverse : null,
  }
}

/** Null, and a reason in `missing`, for what is no switch export. */
function readSwitch(bytes: Uint8Array, side: Side, missing: MissingInput[]): SwitchExport | null {
  try {
    return parseSwitchExport(withoutMark(decodeExactly(bytes)))
  } catch (error) {
    if (!(error instanceof MalformedError) && !(error instanceof OpamLimitError)) throw error
    missing.push({ input: 'OPAM_SWITCH', side, reason: error.message })
    return null
  }
}
