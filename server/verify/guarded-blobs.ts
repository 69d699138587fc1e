import type { BlobId, BlobStore } from '../blobs/blob-store.ts'
import { DamagedBlobError } from '../blobs/checked-stream.ts'
import { errorOfMark, type DamageMarks } from './damage-marks.ts'

/**
 * A store that does not give content that is marked as damaged: `open` and `sizeBytes` throw DamagedBlobError, so that
 * downloads are refused before their first byte. Content that a reader finds damaged is marked. An upload of it replaces
 * the file, and clears the mark.
 */
export function guardedBlobs(store: BlobStore, marks: DamageMarks): BlobStore {
  async function refuseMarked(id: BlobId): Promise<void> {
    const mark = (await marks.find([id])).get(id)
    if (mark) throw errorOfMark(mark)
  }

  return {
    ...store,

    async open(id, range) {
      await refuseMarked(id)
      try {
        const content = await store.open(id, range)
        content?.once('error', (error) => {
          if (error instanceof DamagedBlobError) marks.note(error)
        })
        return content
      } catch (error) {
        if (error instanceof DamagedBlobError) marks.note(error)
        throw error
      }
    },

    async sizeBytes(id) {
      await refuseMarked(id)
      return store.sizeBytes(id)
    },

    ...(store.presign
      ? {
          async presign(id: BlobId, fileName: string) {
            await refuseMarked(id)
            return (await store.presign?.(id, fileName)) ?? ''
          },
        }
      : {}),

    async commit(staged) {
      const ids = staged.map(({ id }) => id)
      const marked = await marks.find(ids)
      store.forget?.(ids.filter((id) => marked.has(id)))
      await store.commit(staged)
      // Asked again: a file may have been marked before it was replaced.
      const over = [...(await marks.find(ids)).keys()]
      if (over.length > 0) await marks.clear(over)
    },

    async restore(staged) {
      const restored = await store.restore(staged)
      // A repair may have marked it and moved it away since the commit.
      if (restored.length > 0) marks.clearSoon(restored)
      return restored
    },
  }
}
