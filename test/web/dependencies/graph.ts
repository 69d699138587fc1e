import { readFileSync } from 'node:fs'
import { analyseDependencies } from '../../../server/analyses/dependencies/analyse-dependencies.ts'
import { packageGraph, type PackageGraph } from '../../../web/dependencies/package-graph.ts'
import { bytesOf, switchText } from '../../server/analyses/dependencies/switch-text.ts'

/** What the page would be given for a switch. */
export function graphOf(opamSwitch: Uint8Array): PackageGraph {
  const { edges, ...columns } = analyseDependencies(opamSwitch)
  return packageGraph({ ...columns, ...edges })
}

export function graphOfPackages(packages: Record<string, readonly string[]>): PackageGraph {
  return graphOf(bytesOf(switchText(packages)))
}

export const graphOfFile = (path: string) => graphOf(readFileSync(path))
