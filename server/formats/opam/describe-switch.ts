import { showInvalidBytes } from '../exact-text.ts'
import { packageNames } from './dependencies.ts'
import { findField, type OpamSection } from './opam-value.ts'
import { findRoot, parseSwitchExport, type SwitchExport } from './switch-export.ts'

export type SwitchDescription = {
  section: 'Packages' | 'Unikernels' | 'Unikernels (with metrics reported to Influx)'
  synopsis: string | null
  description: string | null
}

/** Maximum length of a synopsis, which lists show on one line. opam's linter asks for less than 80 characters. */
const maxSynopsisLength = 500
const maxDescriptionLength = 20_000

/**
 * Section, synopsis and description of a job, from the text of its `opam-switch`. Null if the switch does not
 * have exactly one root. Very long texts are cut.
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
  // PostgreSQL stores no NUL character.
  const text = showInvalidBytes(value.value).replaceAll('\0', '\ufffd').trim()
  // Do not cut a surrogate pair in half.
  const cut = text.slice(0, maxLength).replace(/[\ud800-\udbff]$/, '')
  return (cut.length < text.length ? `${cut}…` : text) || null
}
