import * as nodeFs from 'node:fs/promises'
import type { FileSystem } from '../../server/blobs/durable-folders.ts'

/** Calls on an open file that reach the disk. */
const handleCalls = new Set<unknown>(['writev', 'sync', 'close'])

/**
 * The real file system. `before` hears of each call that may change the disk, before it is made,
 * and may throw in its place.
 */
export function watchedFs(before: (call: string) => void): FileSystem {
  return {
    ...nodeFs,
    async open(path, flags, mode) {
      before('open')
      const handle = await nodeFs.open(path, flags, mode)
      return new Proxy(handle, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key)
          if (typeof value !== 'function') return value
          // Synchronous, as the handle's own: a stream calls some of them and awaits nothing.
          return (...args: unknown[]): unknown => {
            if (!handleCalls.has(key)) return Reflect.apply(value, target, args)
            return Promise.resolve()
              .then(() => before(String(key)))
              .then((): unknown => Reflect.apply(value, target, args))
          }
        },
      })
    },
    async mkdir(...args: Parameters<typeof nodeFs.mkdir>) {
      before('mkdir')
      return nodeFs.mkdir(...args)
    },
    async link(...args) {
      before('link')
      await nodeFs.link(...args)
    },
    async rename(...args) {
      before('rename')
      await nodeFs.rename(...args)
    },
    async unlink(...args) {
      before('unlink')
      await nodeFs.unlink(...args)
    },
  } as FileSystem
}
