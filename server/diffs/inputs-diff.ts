import type { NamedValuesDiff } from '../formats/named-values.ts'
import type { TextDiff } from './text-diff.ts'

export type Side = 'LEFT' | 'RIGHT'

/** What of a build is compared by content. */
export type InputName = 'OPAM_SWITCH' | 'ENVIRONMENT' | 'SYSTEM_PACKAGES' | 'SCRIPT'

/** Why one side cannot be compared: it lacks the file, or the file cannot be read. */
export type MissingInput = { input: InputName; side: Side; reason: string }

export type PackageVersion = { name: string; version: string }

export type VersionChange = { name: string; left: string; right: string; isUpgrade: boolean }

/** An opam package of the same version on both sides, whose opam file differs. */
export type OpamFileChange = {
  name: string
  version: string
  /** The change can affect what is built: not only descriptions, links or maintainers changed. */
  isEffective: boolean
  diff: TextDiff
}

export type DuniverseHashChange = { kind: string; left: string | null; right: string | null }

export type DuniverseChange = {
  name: string
  leftUrl: string
  rightUrl: string
  hashes: DuniverseHashChange[]
}

export type DuniverseDir = { name: string; url: string }

/** How two opam switches differ; each part by name. */
export type OpamDiff = {
  onlyLeft: PackageVersion[]
  onlyRight: PackageVersion[]
  versionChanged: VersionChange[]
  fileChanged: OpamFileChange[]
  duniverse: { onlyLeft: DuniverseDir[]; onlyRight: DuniverseDir[]; changed: DuniverseChange[] }
}

/** How the inputs of two builds differ. What cannot be compared is null, and told in `missing`. */
export type InputsDiff = {
  opam: OpamDiff | null
  environment: NamedValuesDiff | null
  systemPackages: NamedValuesDiff | null
  script: TextDiff | null
  missing: MissingInput[]
}

/** The inputs of one build as text; null: it has none. */
export type InputTexts = Record<'opamSwitch' | 'environment' | 'systemPackages' | 'script', string | null>
