const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A size in binary units with at most three significant digits: `812 B`, `4.2 MiB`, `118 KiB`. */
export function formatByteSize(sizeBytes: number | bigint): string {
  let value = Number(sizeBytes)
  let unit = 0
  // 1023.95 would be rounded to 1024, so it is shown in the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.5) && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`
}
