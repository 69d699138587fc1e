import { uuidOfUrl } from '../derived-uuid.ts'
import { opamPurl } from '../formats/purl.ts'
import type { Bill } from '../sbom/bill.ts'
import { cycloneDxSerial } from '../sbom/print-cyclonedx.ts'
import { printTime } from '../signing/print-time.ts'
import type { BuildIssue } from './find-contents.ts'
import type { BuildVex } from './find-vex.ts'
import type { VexJustification, VexStatus } from './vex.ts'

const states: Record<VexStatus, string> = {
  NOT_AFFECTED: 'not_affected',
  AFFECTED: 'exploitable',
  FIXED: 'resolved',
  UNDER_INVESTIGATION: 'in_triage',
}

/** CycloneDX has no word for the fourth of OpenVEX: `detail` has it. */
const justifications: Record<VexJustification, string | null> = {
  COMPONENT_NOT_PRESENT: 'code_not_present',
  VULNERABLE_CODE_NOT_PRESENT: 'code_not_present',
  VULNERABLE_CODE_NOT_IN_EXECUTE_PATH: 'code_not_reachable',
  VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY: null,
  INLINE_MITIGATIONS_ALREADY_EXIST: 'protected_by_mitigating_control',
}

/**
 * The same as in OpenVEX, in CycloneDX 1.6: a document beside the bill of materials, whose components it names by BOM-Link, so that the bill
 * stays the same when advisories come. Source: https://cyclonedx.org/docs/1.6/json/#vulnerabilities, https://cyclonedx.org/capabilities/bomlink/.
 */
export function printCycloneDxVex({ url, site, issues, statedAt }: BuildVex, bill: Bill): object {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6' },
    serialNumber: `urn:uuid:${uuidOfUrl(`${url} cyclonedx vex`)}`,
    version: 1,
    metadata: { timestamp: printTime(statedAt) },
    vulnerabilities: issues.map((issue) => vulnerabilityOf(issue, site, bill)),
  }
}

function vulnerabilityOf(issue: BuildIssue, site: string, bill: Bill): object {
  const { id, summary, severity, score, vex } = issue
  const justification = vex?.justification ? justifications[vex.justification] : null
  const detail = [vex?.justification?.toLowerCase(), vex?.note].filter(Boolean).join(': ')
  return {
    ...{ 'bom-ref': id, id },
    source: { name: site, url: `${site}/advisories/${encodeURIComponent(id)}` },
    ...(severity === null
      ? {}
      : { ratings: [{ ...(score === null ? {} : { score }), severity: severity.toLowerCase() }] }),
    description: summary,
    affects: refsOf(issue, bill).map((ref) => ({ ref })),
    analysis: {
      state: states[vex?.status ?? 'UNDER_INVESTIGATION'],
      ...(justification === null ? {} : { justification }),
      ...(detail === '' ? {} : { detail }),
    },
  }
}

/** The components of the bill with the issue, as BOM-Links. */
function refsOf({ packages }: BuildIssue, bill: Bill): string[] {
  const serial = cycloneDxSerial(bill).replace('urn:uuid:', '')
  const purls = new Set(packages.map(({ name, version }) => opamPurl(name, version)))
  return [bill.root, ...bill.components]
    .filter(({ purl }) => purl !== null && purls.has(purl))
    .map(({ key }) => `urn:cdx:${serial}/1#${key}`)
}
