import { compareVersions } from '../formats/opam/version.ts'
import { compareDebianVersions } from '../formats/debian-version.ts'
import { compareFreebsdVersions } from '../formats/freebsd-version.ts'

export type Ecosystem = {
  /** As headings name it. */
  title: string
  /** The order of its versions: negative if the left one is older. */
  compare: (left: string, right: string) => number
}

/** Where packages come from, by the name in rows and addresses. */
export const ecosystems = {
  opam: { title: 'opam', compare: compareVersions },
  deb: { title: 'Debian', compare: compareDebianVersions },
  freebsd: { title: 'FreeBSD', compare: compareFreebsdVersions },
} satisfies Record<string, Ecosystem>

/** Names of packages of other systems are ordered as opam's. */
export function ecosystemOf(name: string): Ecosystem {
  return Object.hasOwn(ecosystems, name)
    ? ecosystems[name as keyof typeof ecosystems]
    : { title: name, compare: compareVersions }
}
