/** In the order of the bytes in UTF-8, as the database compares; for `toSorted`. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
