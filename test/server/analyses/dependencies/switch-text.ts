/** An export with `--full`: each package at version 1 with what it depends on; the first one is the root. */
export function switchText(packages: Record<string, readonly string[]>, more = ''): string {
  const names = Object.keys(packages)
  const listOf = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(' ')
  return [
    `roots: [${listOf(names.slice(0, 1).map((name) => `${name}.1`))}]`,
    `installed: [${listOf(names.map((name) => `${name}.1`))}]`,
    ...Object.entries(packages).map(
      ([name, needed], index) =>
        `package ${JSON.stringify(name)} { depends: [${listOf(needed)}] ${index === 0 ? more : ''} }`,
    ),
  ].join('\n')
}

export const bytesOf = (text: string) => new TextEncoder().encode(text)
