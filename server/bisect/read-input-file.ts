import { createHash } from 'node:crypto'
import { parseEnvironment } from '../formats/environment.ts'
import { decodeExactly, showInvalidBytes } from '../formats/exact-text.ts'
import { readConsoleInputs } from '../formats/opam/console-packages.ts'
import { DuniverseError, duniverseDirs, type DuniverseDir } from '../formats/opam/duniverse.ts'
import { effectiveText } from '../formats/opam/effective.ts'
import { findRoot, parseSwitchExport, type SwitchExport } from '../formats/opam/switch-export.ts'
import { parseSystemPackages } from '../formats/system-packages.ts'
import { nameOfUrl } from '../package-sets/identify-source.ts'
import type { BuildInputs } from './build-inputs.ts'

export const inputRoles = ['OPAM_SWITCH', 'SYSTEM_PACKAGES', 'ENVIRONMENT', 'CONSOLE'] as const
export type InputRole = (typeof inputRoles)[number]
export type InputFile = { role: InputRole; bytes: Uint8Array }

/**
 * Names and versions in a file that tells what a build was made from. Takes as long as hostile input makes it: run it in a worker. Throws
 * OpamSyntaxError, OpamLimitError.
 */
export function readInputFile({ role, bytes }: InputFile): BuildInputs {
  const inputs = readers[role](decodeExactly(bytes))
  return Object.fromEntries(Object.entries(inputs).map(([kind, states]) => [kind, shown(states)]))
}

const shown = (states: ReadonlyMap<string, string>) =>
  new Map([...states].map(([name, state]) => [showInvalidBytes(name), showInvalidBytes(state)]))

const readers: Record<InputRole, (text: string) => BuildInputs> = {
  OPAM_SWITCH: readSwitch,
  SYSTEM_PACKAGES: (text) => ({ SYSTEM_PACKAGE: parseSystemPackages(text) }),
  ENVIRONMENT: (text) => ({ ENVIRONMENT: parseEnvironment(text) }),
  CONSOLE(text) {
    const { packages, repositories } = readConsoleInputs(text)
    return {
      ...(packages.size > 0 ? { PACKAGE: packages } : {}),
      ...(repositories.size > 0 ? { REPOSITORY: repositories } : {}),
    }
  },
}

function readSwitch(text: string): BuildInputs {
  const it = parseSwitchExport(text)
  const dirs = readDirs(it)
  return {
    PACKAGE: new Map(it.installed.map(({ name, version }) => [name, version])),
    OPAM_FILE: new Map([...it.packages].map(([name, section]) => [name, digestOf(effectiveText(section))])),
    ...(dirs ? { VENDORED: new Map(dirs.map((dir) => [dir.dir, stateOf(dir)])) } : {}),
  }
}

/** Null: the list cannot be read. */
function readDirs(it: SwitchExport): DuniverseDir[] | null {
  const root = findRoot(it)?.section
  if (!root) return []
  try {
    return duniverseDirs(root)
  } catch (error) {
    if (error instanceof DuniverseError) return null
    throw error
  }
}

/** The version in the address of the sources, or else a part of their hash. */
function stateOf({ url, hashes }: DuniverseDir): string {
  return nameOfUrl(url)?.version ?? hashes[0]?.value.slice(0, 12) ?? url
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
