/**
 * What changed, as words: `job: zone-tool, platform: debian-12`. `detail` is the JSON that an entry of the audit log has; what is
 * no object of JSON stays as it is.
 */
export function readDetail(detail: string): string {
  const read = parsed(detail)
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return detail
  return Object.entries(read)
    .map(([name, value]) => `${name}: ${wordsOf(value)}`)
    .join(', ')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function wordsOf(value: unknown): string {
  if (value === null) return 'none'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'string') return value
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(' ')
  return JSON.stringify(value)
}
