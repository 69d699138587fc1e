import { toBlobId } from '../blobs/blob-store.ts'
import { readText } from '../blobs/read-text.ts'
import type { Deps } from '../deps.ts'
import { readConsoleInputs, type ConsoleInputs } from '../formats/opam/console-packages.ts'

/** The plan of opam stands near the start of a console. */
const maxBytes = 2 * 1024 ** 2

/** Something by its name in the consoles of two builds; null: this one does not name it. */
export type ConsoleChange = { name: string; left: string | null; right: string | null }

export type ConsoleChanges = {
  /** Null: a console names no packages, so that nothing can be said. */
  packages: ConsoleChange[] | null
  /** Null: a console names no repositories. */
  repositories: ConsoleChange[] | null
}

/**
 * Which packages and commits of opam repositories the consoles of two builds name differently: for failed builds, which left no opam switch.
 * Null if a build does not exist, or its console is lost. One statement.
 */
export async function diffConsoles(
  { db, blobs }: Pick<Deps, 'db' | 'blobs'>,
  left: string,
  right: string,
): Promise<ConsoleChanges | null> {
  const builds = await db.build.findMany({
    where: { uuid: { in: [left, right] } },
    select: { uuid: true, consoleSha256: true },
  })
  const [before, after] = await Promise.all(
    [left, right].map(async (uuid) => {
      const build = builds.find((one) => one.uuid === uuid)
      const text = build && (await readText(blobs, toBlobId(build.consoleSha256), maxBytes))
      return text == null ? null : readConsoleInputs(text)
    }),
  )
  if (!before || !after) return null
  return {
    packages: changesOf('packages', before, after),
    repositories: changesOf('repositories', before, after),
  }
}

function changesOf(
  what: keyof ConsoleInputs,
  { [what]: left }: ConsoleInputs,
  { [what]: right }: ConsoleInputs,
): ConsoleChange[] | null {
  if (left.size === 0 || right.size === 0) return null
  const names = [...new Set([...left.keys(), ...right.keys()])].toSorted((l, r) => (l < r ? -1 : 1))
  return names
    .map((name) => ({ name, left: left.get(name) ?? null, right: right.get(name) ?? null }))
    .filter((change) => change.left !== change.right)
}
