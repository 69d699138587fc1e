import { expect, test } from 'vitest'
import { blobClaims } from '../../../server/blobs/blob-claims.ts'
import { toBlobId } from '../../../server/blobs/blob-store.ts'

test('an upload that claims a blob while it is deleted waits for the end of the deletion', async () => {
  const steps: string[] = []
  let endDeletion = () => {}
  const deletion = new Promise<void>((resolve) => (endDeletion = resolve))
  const claims = blobClaims(async () => {
    steps.push('deletion begins')
    await deletion
    steps.push('deletion ends')
  })
  const id = toBlobId('ab'.repeat(32))
  const [failed, next] = [
    { id, sizeBytes: 1 },
    { id, sizeBytes: 1 },
  ]
  await claims.claim([failed])
  claims.noteNew(id)
  const released = claims.release([failed], { isKept: false })
  const claimed = claims.claim([next]).then(() => steps.push('claimed'))
  // As many turns as a claim without a deletion takes, and more.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(steps).toEqual(['deletion begins'])
  endDeletion()
  await Promise.all([released, claimed])
  expect(steps).toEqual(['deletion begins', 'deletion ends', 'claimed'])
})
