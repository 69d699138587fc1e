import { showInvalidBytes } from '../exact-text.ts'
import { packageNames } from './dependencies.ts'
import { findField, type OpamSection } from './opam-value.ts'
import { findRoot, parseSwitchExport, type SwitchExport } from './switch-export.ts'

export type SwitchDescription = {
  section: 'Packages' | 'Unikernels' | 'Unikernels (with metrics reported to Influx)'
  synopsis: string | null
  description: string | null
}

/** A synopsis is one line in lists; opam's linter asks for less than 80 characters. */
const maxSynopsisLength = 500
const maxDescriptionLength = 20_000

/**
 * What a job is, by the text of its `opam-switch`; null if that has not exactly one root. Texts are
 * cut where they become absurd.
 *
 * Throws OpamSyntaxError, OpamLimitError. Source: docs/spec/exec-record.md; builder-web,
 * infer_section_and_synopsis.
 */
export function describeSwitch(text: string): SwitchDescription | null {
  const it = parseSwitchExport(text)
  const found = findRoot(it)
  if (!found) return null
  const { root, section } = found
  return {
    section: jobSection(it, root.name, section),
    synopsis: textOf(section, 'synopsis', maxSynopsisLength),
    description: textOf(section, 'description', maxDescriptionLength),
  }
}

function jobSection(
  it: SwitchExport,
  name: string,
  section: OpamSection | null,
): SwitchDescription['section'] {
  const items = section?.items ?? []
  const isUnikernel =
    findField(items, 'x-mirage-opam-lock-location') !== null || name.startsWith('mirage-unikernel-')
  if (!isUnikernel) return 'Packages'
  const reportsMetrics =
    it.installed.some((installed) => installed.name === 'metrics-influx') ||
    packageNames(findField(items, 'depends')).has('mirage-monitoring')
  return reportsMetrics ? 'Unikernels (with metrics reported to Influx)' : 'Unikernels'
}

function textOf(section: OpamSection | null, name: string, maxLength: number): string | null {
  const value = section && findField(section.items, name)
  if (value?.kind !== 'string') return null
  const text = showInvalidBytes(value.value).trim()
  // No half of a character that takes two.
  const cut = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
  return (cut.length < text.length ? `${cut}…` : text) || null
}
