import { opamPurl } from '../formats/purl.ts'
import { printTime } from '../signing/print-time.ts'
import type { BuildIssue } from './find-contents.ts'
import type { BuildVex } from './find-vex.ts'

/**
 * What the operator says of the known issues of a build, in OpenVEX 0.2.0. Issues of which nothing was said are under investigation.
 * Source: https://github.com/openvex/spec, OPENVEX-SPEC.md.
 */
export function printOpenVex({ url, site, mainBinarySha256, issues, statedAt }: BuildVex): object {
  const product = {
    '@id': url,
    ...(mainBinarySha256 === null ? {} : { hashes: { 'sha-256': mainBinarySha256 } }),
  }
  return {
    '@context': 'https://openvex.dev/ns/v0.2.0',
    '@id': `${url}/vex.json`,
    author: site,
    timestamp: printTime(statedAt),
    version: 1,
    statements: issues.map((issue) => statementOf(issue, product)),
  }
}

function statementOf({ id, packages, vex }: BuildIssue, product: object): object {
  const subcomponents = packages.flatMap(({ name, version }) => {
    const purl = opamPurl(name, version)
    return purl === null ? [] : [{ '@id': purl }]
  })
  return {
    vulnerability: { name: id },
    products: [{ ...product, subcomponents }],
    status: vex ? vex.status.toLowerCase() : 'under_investigation',
    ...(vex?.justification ? { justification: vex.justification.toLowerCase() } : {}),
    ...(vex?.note ? { impact_statement: vex.note } : {}),
  }
}
