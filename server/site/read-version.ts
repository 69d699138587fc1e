import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProjectDir } from '../project-dir.ts'

let version: string | undefined

/** Version of this program, from package.json. It is read once. */
export function readVersion(): string {
  version ??= parseVersion(readFileSync(join(findProjectDir(), 'package.json'), 'utf8'))
  return version
}

function parseVersion(text: string): string {
  const content: unknown = JSON.parse(text)
  if (typeof content === 'object' && content !== null && 'version' in content) return String(content.version)
  throw new Error('package.json has no version')
}
