import type { InputKind } from './build-inputs.ts'
import type { Bisection } from './bisect-builds.ts'
import type { JudgedChange } from './judge-changes.ts'

export const kindWords: Record<InputKind, string> = {
  PACKAGE: 'package',
  OPAM_FILE: 'opam file',
  VENDORED: 'vendored sources',
  REPOSITORY: 'opam repository',
  SCRIPT: 'build script',
  SYSTEM_PACKAGE: 'system package',
  ENVIRONMENT: 'environment variable',
  PLATFORM: 'platform',
}

/** Values come from builds: longer ones are cut. */
const maxCharacters = 60
const short = (text: string) => (text.length > maxCharacters ? `${text.slice(0, maxCharacters - 1)}…` : text)

/** `dns 9.0.0 → 9.1.0`, `the build script`, `system package gcc 12.2.0 → removed`. */
export function describeChange({
  kind,
  name,
  left,
  right,
}: Pick<JudgedChange, 'kind' | 'name' | 'left' | 'right'>): string {
  if (kind === 'SCRIPT') return 'the build script'
  if (kind === 'OPAM_FILE') return `the opam file of ${short(name)}`
  const change =
    left === null
      ? `${short(right ?? '')} added`
      : right === null
        ? `${short(left)} removed`
        : `${short(left)} → ${short(right)}`
  if (kind === 'PACKAGE') return `${short(name)} ${change}`
  return kind === 'PLATFORM' ? `platform ${change}` : `${kindWords[kind]} ${short(name)} ${change}`
}

const effects: Record<Bisection['effect'], string> = {
  BROKE: 'broke it',
  FIXED: 'fixed it',
  OUTPUT_CHANGED: 'changed the output',
  NOTHING: '',
}

const participles: Record<Bisection['effect'], string> = {
  BROKE: 'broken it',
  FIXED: 'fixed it',
  OUTPUT_CHANGED: 'changed the output',
  NOTHING: '',
}

/** The answer in a sentence or two. */
export function describeBisection({ effect, changes, unknown }: Omit<Bisection, 'words'>): string {
  if (effect === 'NOTHING') return 'Nothing needs an explanation: both builds have the same result.'
  const suspect = changes.find(({ standing }) => standing === 'SUSPECT')
  if (suspect) return `Most likely ${describeChange(suspect)} ${effects[effect]}: ${suspect.reason}.`
  const open = changes.filter(({ standing }) => standing === 'POSSIBLE')
  const [only, ...others] = open
  if (only && others.length === 0)
    return `Only ${describeChange(only)} may have ${participles[effect]}: other builds clear what else changed.`
  if (only) return `One of ${open.length} changes ${effects[effect]}, and nothing tells them apart yet.`
  if (changes.length > 0)
    return `No change ${effects[effect]} alone: other builds clear each of the ${changes.length}. It takes several of them, or something that is not recorded.`
  const missing = unknown.map((kind) => `${kindWords[kind]}s`)
  return missing.length > 0
    ? `Nothing that both builds tell changed. A build does not tell its ${missing.join(', ')}.`
    : `No recorded input changed: what ${effects[effect]} is not recorded, such as the time, the machine or the network.`
}
