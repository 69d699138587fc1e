/** What a build is made from, by kinds. `OPAM_FILE`: the opam file of a package, by what of it affects a build. */
export const inputKinds = [
  'PACKAGE',
  'OPAM_FILE',
  'VENDORED',
  'REPOSITORY',
  'SCRIPT',
  'SYSTEM_PACKAGE',
  'ENVIRONMENT',
  'PLATFORM',
] as const
export type InputKind = (typeof inputKinds)[number]

/** Versions, or what else tells states apart, by names. A kind that is not known of the build is absent. */
export type BuildInputs = Partial<Record<InputKind, ReadonlyMap<string, string>>>

/** Something by its name in two builds; null: this build does not have it. */
export type InputChange = { kind: InputKind; name: string; left: string | null; right: string | null }

/** Names an input across builds and jobs. */
export const inputKey = ({ kind, name }: Pick<InputChange, 'kind' | 'name'>): string => `${kind} ${name}`

/** A list of changes is cut here: two builds that have nothing in common differ in thousands of places. */
export const maxChanges = 1_000

/** Which inputs two builds have in different states, by kind and name. Kinds that one of them does not tell are left out. */
export function findChanges(left: BuildInputs, right: BuildInputs): InputChange[] {
  return inputKinds
    .flatMap((kind) => {
      const [before, after] = [left[kind], right[kind]]
      if (!before || !after) return []
      const names = [...new Set([...before.keys(), ...after.keys()])].toSorted((l, r) => (l < r ? -1 : 1))
      return names
        .map((name) => ({ kind, name, left: before.get(name) ?? null, right: after.get(name) ?? null }))
        .filter((change) => change.left !== change.right && !isWithPackage(change, left, right))
    })
    .slice(0, maxChanges)
}

/** An opam file changes with the version of its package: only its change at one version is one of its own. */
function isWithPackage({ kind, name }: InputChange, left: BuildInputs, right: BuildInputs): boolean {
  return kind === 'OPAM_FILE' && left.PACKAGE?.get(name) !== right.PACKAGE?.get(name)
}
