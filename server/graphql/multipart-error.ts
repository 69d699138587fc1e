/** A body that is not multipart/form-data; the message says what is wrong with it. */
export class MultipartError extends Error {
  override readonly name = 'MultipartError'
}
