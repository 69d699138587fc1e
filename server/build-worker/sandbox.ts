import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DomainError } from '../errors.ts'
import { bubblewrapArguments, type SandboxPlaces } from './bubblewrap.ts'
import { makeRunFolder, removeTree } from './run-folder.ts'

export const sandboxChoices = ['auto', 'bubblewrap', 'none'] as const
export type SandboxChoice = (typeof sandboxChoices)[number]

export type Sandbox = { kind: 'bubblewrap'; places: SandboxPlaces } | { kind: 'none'; why: string }

/** The operator wants a sandbox, and the system gives none. */
export class NoSandboxError extends DomainError {
  override readonly name = 'NoSandboxError'
  constructor(why: string) {
    super(
      `bubblewrap gives no sandbox here: ${why}. Install bubblewrap, or run scripts as this user with --sandbox none`,
    )
  }
}

const run = promisify(execFile)

/**
 * The sandbox of this system: what a run would get is tried once with a program that does nothing. Throws NoSandboxError if the
 * operator wants one that does not work.
 */
export async function findSandbox(
  choice: SandboxChoice,
  places: SandboxPlaces,
  baseDir: string,
): Promise<Sandbox> {
  if (choice === 'none') return { kind: 'none', why: 'the operator wants none' }
  const why = await whyNoBubblewrap(places, baseDir)
  if (why === null) return { kind: 'bubblewrap', places }
  if (choice === 'bubblewrap') throw new NoSandboxError(why)
  return { kind: 'none', why }
}

async function whyNoBubblewrap(places: SandboxPlaces, baseDir: string): Promise<string | null> {
  const dir = join(baseDir, 'probe')
  await mkdir(dir, { recursive: true, mode: 0o700 })
  try {
    const folder = await makeRunFolder(dir, 'sandbox', Buffer.from('#!/bin/sh\n'))
    await run('bwrap', [...bubblewrapArguments(folder, { allowsNetwork: false }, places), './script.sh'])
    return null
  } catch (error) {
    const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string }
    if (code === 'ENOENT') return 'the program bwrap is not installed'
    return stderr?.trim().split('\n').at(-1) || message
  } finally {
    await removeTree(dir)
  }
}
