/** Bytes as a source of content, for `BlobStore.stage`. */
export async function* inOnePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
