const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A size for reading, in binary units with at most three significant digits: `812 B`, `4.2 MiB`, `118 KiB`. */
export function formatByteSize(sizeBytes: number): string {
  let value = sizeBytes
  let unit = 0
  // 1023.95 would be shown as 1024: it belongs to the next unit.
  while (Math.abs(value) >= (unit === 0 ? 1024 : 1023.5) && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || Math.abs(value) >= 99.95 ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** The exact size: `4,404,019 bytes`. */
export function formatExactBytes(sizeBytes: number): string {
  return `${sizeBytes.toLocaleString('en-US')} ${sizeBytes === 1 ? 'byte' : 'bytes'}`
}

/** How a size changed: `+13.9 KiB`, `−2 B`, `same size`. */
export function formatSizeChange(from: number, to: number): string {
  if (from === to) return 'same size'
  return `${to > from ? '+' : '−'}${formatByteSize(Math.abs(to - from))}`
}
