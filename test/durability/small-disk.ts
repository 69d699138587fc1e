import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, rmdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Whether this process may mount file systems: as root, where no sandbox forbids it. */
export const canMount = tryToMount()

/** A file system of its own with room for `sizeBytes`, in memory; gone after the test. */
export type SmallDisk = {
  path: string
  /** Write files until nothing fits any more. */
  fill: () => void
  /** Remove what `fill` wrote. */
  free: () => void
}

export function smallDisk(sizeBytes: number): SmallDisk {
  const path = mkdtempSync(join(tmpdir(), 'builder-hub-disk-'))
  mount(path, sizeBytes)
  // Hooks run last in, first out: the server that uses the disk has stopped by then.
  onTestFinished(() => unmount(path))
  const ballast: string[] = []
  return {
    path,
    fill() {
      for (let pieceBytes = 1024 ** 2; pieceBytes >= 1;) {
        const file = join(path, `ballast-${ballast.length}`)
        ballast.push(file)
        try {
          writeFileSync(file, Buffer.alloc(pieceBytes))
        } catch (error) {
          if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOSPC') throw error
          pieceBytes = Math.floor(pieceBytes / 2)
        }
      }
    },
    free() {
      for (const file of ballast.splice(0)) rmSync(file, { force: true })
    },
  }
}

function mount(path: string, sizeBytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes}`, 'tmpfs', path], { stdio: 'ignore' })
}

function unmount(path: string): void {
  execFileSync('umount', ['--lazy', path])
  rmdirSync(path)
}

function tryToMount(): boolean {
  const path = mkdtempSync(join(tmpdir(), 'builder-hub-disk-'))
  try {
    mount(path, 65_536)
    execFileSync('umount', [path])
    return true
  } catch {
    return false
  } finally {
    rmdirSync(path)
  }
}
