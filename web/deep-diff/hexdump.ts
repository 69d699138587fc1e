/** A row of a hexdump: its offset, and its bytes with the numbers of those that the other side has not. */
export type HexRow = { offset: number; bytes: readonly number[]; differs: readonly boolean[] }

const rowBytes = 16

/** The rows of one side, whose bytes are given as hexadecimal digits. */
export function hexRows(own: string, other: string, start: number): HexRow[] {
  const [bytes, others] = [bytesOf(own), bytesOf(other)]
  const rows: HexRow[] = []
  for (let at = 0; at < bytes.length; at += rowBytes) {
    const row = bytes.slice(at, at + rowBytes)
    rows.push({ offset: start + at, bytes: row, differs: row.map((byte, i) => byte !== others[at + i]) })
  }
  return rows
}

function bytesOf(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((digits) => parseInt(digits, 16))
}

/** The character that a byte stands for, or a dot. */
export function characterOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
}
