import type { ComponentList } from '../../../server/package-sets/component-list.ts'

/** What a switch with these packages says: names and versions. */
export const componentsOf = (
  ...packages: readonly (readonly [name: string, version: string])[]
): ComponentList => ({
  root: null,
  isUnikernel: false,
  installed: packages.map(([name, version]) => ({
    ...{ name, version, isRequired: true, url: null, hashes: [], licence: null },
    ...{ homepage: null, repository: null, bugReports: null },
  })),
  vendored: [],
  edges: { from: [], to: [] },
})
