import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

const root = resolve(process.env['BUILDER_HUB_CORPUS'] ?? join(import.meta.dirname, '../../shared/corpus'))

/** The corpus of real inputs, when this machine has it. */
export const hasCorpus = existsSync(join(root, 'README.md'))

/** Path of a file or folder of the corpus. Tests that use it skip by name where it is absent. */
export function corpusPath(...parts: string[]): string {
  return join(root, ...parts)
}
