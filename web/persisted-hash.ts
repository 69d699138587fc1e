import type { DocumentNode } from 'graphql'

/** The hash that codegen put into the document, so that the browser neither prints nor hashes it. */
export function persistedHash(document: DocumentNode): string {
  const meta = (document as { __meta__?: { hash?: string } }).__meta__
  if (!meta?.hash) throw new Error('operation without a persisted hash: run codegen')
  return meta.hash
}
