const programs: readonly (readonly [pattern: RegExp, name: string])[] = [
  // Chrome names Safari, and Edge and Opera name both.
  [/\bEdg(?:e|A|iOS)?\/(\d+)/, 'Edge'],
  [/\bOPR\/(\d+)/, 'Opera'],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, 'Firefox'],
  [/\b(?:Chrome|CriOS|Chromium|HeadlessChrome)\/(\d+)/, 'Chrome'],
  [/\bVersion\/(\d+)[\d.]*(?: Mobile\/\w+)? Safari\//, 'Safari'],
  [/^curl\/(\d+)/, 'curl'],
]

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\b(?:iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\b(FreeBSD|OpenBSD|NetBSD)\b/, ''],
  [/\bLinux\b/, 'Linux'],
]

/** What people call the program of a User-Agent header: `Firefox 128 on Linux`. `unknown program` if it says nothing that is known. */
export function describeUserAgent(userAgent: string): string {
  const program = firstOf(programs, userAgent)
  const system = firstOf(systems, userAgent)
  const named = program ? `${program.name} ${program.found}` : null
  const systemName = system && (system.name || system.found)
  if (!named) return systemName ? `unknown program on ${systemName}` : 'unknown program'
  return systemName ? `${named} on ${systemName}` : named
}

function firstOf(table: readonly (readonly [RegExp, string])[], text: string) {
  for (const [pattern, name] of table) {
    const match = pattern.exec(text)
    if (match) return { name, found: match[1] ?? '' }
  }
  return null
}
