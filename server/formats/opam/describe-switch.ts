import { MalformedError } from '../../errors.ts'
import { packageNames } from './dependencies.ts'
import { OpamLimitError } from './opam-error.ts'
import { findField, type OpamSection } from './opam-value.ts'
import { findRoot, parseSwitchExport, type SwitchExport } from './switch-export.ts'

export type SwitchDescription = {
  section: 'Packages' | 'Unikernels' | 'Unikernels (with metrics reported to Influx)'
  synopsis: string | null
  description: string | null
}

/**
 * What a job is, by the text of its `opam-switch`; null if that is no switch export or has not
 * exactly one root. Source: spec/exec-record.md; builder-web, infer_section_and_synopsis.
 */
export function describeSwitch(text: string): SwitchDescription | null {
  const it = parsed(text)
  const found = it && findRoot(it)
  if (!found) return null
  const { root, section } = found
  return {
    section: jobSection(it, root.name, section),
    synopsis: textOf(section, 'synopsis'),
    description: textOf(section, 'description'),
  }
}

function parsed(text: string): SwitchExport | null {
  try {
    return parseSwitchExport(text)
  } catch (error) {
    if (error instanceof MalformedError || error instanceof OpamLimitError) return null
    throw error
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

function textOf(section: OpamSection | null, name: string): string | null {
  const value = section && findField(section.items, name)
  return value?.kind === 'string' ? value.value.trim() || null : null
}
