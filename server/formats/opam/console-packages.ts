/** What a console of opam or orb tells of the inputs that were chosen. */
export type ConsoleInputs = {
  /** Versions by the names of packages. Empty: it names none, or no solution was found. */
  packages: Map<string, string>
  /** Commits by the names of opam repositories. */
  repositories: Map<string, string>
}

const maxPackages = 5_000
const maxLength = 255

/** The time in front of a line, and colours. */
const decoration = /^-?\d+\.\d{3}s:|\u001b\[[0-9;]*[A-Za-z]/g
const name = String.raw`([A-Za-z0-9_][\w+-]*)`
/** Versions of opam are free text. In plans these are told from words of other commands by how they begin. */
const version = String.raw`(v?\d\S*|base|dev|main|master)`
const patterns = [
  // "  ∗ install dns   9.0.0  [required by mirage]"
  new RegExp(String.raw`^\s*[∗*⊕-]\s+install\s+${name}\s+${version}(?:\s|$)`, 'u'),
  // "  ↗ upgrade dns  9.0.0 to 9.1.0"
  new RegExp(String.raw`^\s*[↗↘-]\s+(?:up|down)grade\s+${name}\s+\S+\s+to\s+${version}(?:\s|$)`, 'u'),
  // "  ↻ recompile dns  9.0.0"
  new RegExp(String.raw`^\s*[↻-]\s+recompile\s+${name}\s+${version}(?:\s|$)`, 'u'),
  // "-> installed dns.9.0.0"
  new RegExp(String.raw`^(?:->|∗)\s+installed\s+${name}\.(\S+)`, 'u'),
]
// "orb: [INFO] using opam repository default at 1f2e…"
const repository = /\busing opam repository (\S+) at (\S+)/

/** Any text. Takes time in proportion to its length. */
export function readConsoleInputs(console: string): ConsoleInputs {
  const packages = new Map<string, string>()
  const repositories = new Map<string, string>()
  for (const decorated of console.split('\n')) {
    const line = decorated.slice(0, 4 * maxLength).replace(decoration, '')
    for (const pattern of patterns) {
      const [, name, version] = pattern.exec(line) ?? []
      if (name !== undefined && version !== undefined) put(packages, name, version.replace(/\*$/, ''))
    }
    const [, name, commit] = repository.exec(line) ?? []
    if (name !== undefined && commit !== undefined) put(repositories, name, commit)
  }
  return { packages, repositories }
}

function put(values: Map<string, string>, name: string, value: string): void {
  if (name.length <= maxLength && value.length <= maxLength && values.size < maxPackages)
    values.set(name, value)
}
