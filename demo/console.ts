import { seededRandom, type Random } from './random.ts'

/** Lines of a build's console with the seconds at which they came, oldest first. */
export type ConsoleLine = { seconds: number; text: string }

/** How far the build came. */
export type ConsoleEnd =
  | { kind: 'succeeded'; artifacts: readonly string[] }
  | { kind: 'unsolvable'; reasons: readonly string[] }
  | { kind: 'compile-error'; packageName: string; version: string; lines: readonly string[] }
  | { kind: 'test-failure'; packageName: string; version: string; lines: readonly string[] }
  | { kind: 'silent' }

export type ConsoleStory = {
  seed: string
  job: string
  isFreebsd: boolean
  /** `name.version`, in the order in which they are built. */
  packages: readonly string[]
  /** Compilation units of a verbose build: each takes a line that shows its command. */
  verboseUnits: readonly { packageName: string; unit: string }[]
  hasColours: boolean
  durationSeconds: number
  end: ConsoleEnd
}

const escape = '\x1b['

/** The console of a worker that runs a build script: shell trace, system packages, opam, compilers. */
export function buildConsole(story: ConsoleStory): ConsoleLine[] {
  const paint = story.hasColours
    ? (code: string, text: string) => `${escape}${code}m${text}${escape}0m`
    : (_code: string, text: string) => text
  const random = seededRandom(story.seed)
  const texts = [
    ...(story.isFreebsd ? freebsdPreparation() : debianPreparation()),
    `+ orb build ${story.isFreebsd ? '' : '--disable-sandboxing '}--solver-timeout=600 --switch-name=/tmp/myswitch --date=1589138087 --out=. --repos=default:https://opam.ocaml.org ${story.job}`,
    `orb: [INFO] using opam repository default at ${seededHex(random, 8)}`,
  ]
  if (story.end.kind === 'unsolvable') {
    texts.push(
      'Sorry, no solution found: there seems to be a problem with your request.',
      '',
      paint('31', '[ERROR]') + ' No solution for ' + paint('01', story.job) + ':',
      ...story.end.reasons.map((reason) => `  ${paint('31', '*')} ${reason}`),
      '',
      'No solution found, exiting',
      'orb: [ERROR] solver failed with exit code 20',
    )
  } else {
    texts.push(...opamPlan(story, paint), ...opamActions(story, paint, random), ...ending(story, paint))
  }
  return spread(texts, story.durationSeconds, random)
}

type Paint = (code: string, text: string) => string

function debianPreparation(): string[] {
  // apt redraws one line; the carriage returns arrive as they were written.
  const progress = Array.from({ length: 20 }, (_, step) => `(Reading database ... ${(step + 1) * 5}%`).join(
    '\r',
  )
  return [
    "+ wget -O orb.deb 'https://builds.example.org/job/orb/build/latest/main-binary?platform=debian-12'",
    'HTTP request sent, awaiting response... 200 OK',
    'Length: 5468112 (5.2M) [application/vnd.debian.binary-package]',
    ...[0, 12, 31, 55, 78, 100].map(
      (percent) =>
        `orb.deb${String(percent).padStart(18)}%[${'='.repeat(percent / 5)}${percent < 100 ? '>' : ''}`.padEnd(
          48,
        ) + `] ${((5.2 * percent) / 100).toFixed(2)}M  11.4MB/s`,
    ),
    '+ apt install --no-install-recommends --no-install-suggests -y ./orb.deb',
    'Reading package lists...',
    'Building dependency tree...',
    'Reading state information...',
    '0 upgraded, 1 newly installed, 0 to remove and 3 not upgraded.',
    'Selecting previously unselected package orb.',
    `${progress}\r(Reading database ... 24817 files and directories currently installed.)`,
    'Preparing to unpack ./orb.deb ...',
    'Unpacking orb (20260412-0-gd2a0c53) ...',
    'Setting up orb (20260412-0-gd2a0c53) ...',
    '+ rm orb.deb',
  ]
}

function freebsdPreparation(): string[] {
  return [
    "+ fetch -o orb.pkg 'https://builds.example.org/job/orb/build/latest/main-binary?platform=freebsd-14'",
    'orb.pkg                                               4871 kB   11 MBps    00s',
    '+ pkg install -y orb.pkg',
    'Updating FreeBSD repository catalogue...',
    'FreeBSD repository is up to date.',
    'Checking integrity... done (0 conflicting)',
    '[1/1] Installing orb-20260412.0.gd2a0c53...',
    '[1/1] Extracting orb-20260412.0.gd2a0c53: .......... done',
    '+ rm orb.pkg',
  ]
}

function opamPlan({ packages, job }: ConsoleStory, paint: Paint): string[] {
  const width = Math.max(...packages.map((name) => name.indexOf('.')))
  return [
    'The following actions will be performed:',
    ...packages.map((fullName) => {
      const [name, version] = split(fullName)
      return `  ${paint('32', '∗')} install ${paint('01', name)}${' '.repeat(Math.max(1, width - name.length + 1))}${version}  [required by ${job}]`
    }),
    `===== ${paint('32', '∗')} ${packages.length} =====`,
    '',
    `${paint('36', '<><>')} ${paint('01', 'Processing actions')} ${paint('36', '<><>'.repeat(14))}`,
  ]
}

function opamActions(story: ConsoleStory, paint: Paint, random: Random): string[] {
  const failing =
    story.end.kind === 'compile-error' || story.end.kind === 'test-failure'
      ? `${story.end.packageName}.${story.end.version}`
      : null
  const lines: string[] = []
  const total = story.packages.length * 2
  story.packages.forEach((fullName, index) => {
    const [name, version] = split(fullName)
    if (index % 7 === 3)
      lines.push(`Processing ${String(index * 2).padStart(2)}/${total}: [${paint('32', fullName)}: extract]`)
    lines.push(
      `${paint('36', '⬇')} retrieved ${paint('01', name)}.${version}  (https://opam.ocaml.org/cache)`,
    )
    for (const { unit } of story.verboseUnits.filter(({ packageName }) => packageName === name)) {
      lines.push(...compilerLines(unit, name, lines.length, paint, random))
    }
    if (fullName !== failing) lines.push(`${paint('32', '∗')} installed ${paint('01', name)}.${version}`)
  })
  return lines
}

/** What dune --verbose prints for one file; now and then the compiler has something to say. */
function compilerLines(
  unit: string,
  packageName: string,
  number: number,
  paint: Paint,
  random: Random,
): string[] {
  const source = `src/${unit.charAt(0).toLowerCase()}${unit.slice(1)}.ml`
  const includes = Array.from(
    { length: random.integer(1, 60) === 1 ? 64 : random.integer(1, 4) },
    (_, index) =>
      `-I /tmp/myswitch/lib/${['lwt', 'fmt', 'logs', 'cstruct', 'ptime', 'ipaddr', 'digestif'][index % 7]}/${seededHex(random, 3)}`,
  )
  const command = `Running[${number}]: (cd _build/default && /tmp/myswitch/bin/ocamlfind ocamlopt -w -40 -g -O3 ${includes.join(' ')} -I src/.${packageName}.objs/byte -intf-suffix .ml -no-alias-deps -o src/.${packageName}.objs/native/${unit}.cmx -c -impl ${source})`
  const step = Math.min(100, number % 101)
  const bar = `${paint('34', '#'.repeat(Math.floor(step / 4)))}${'.'.repeat(25 - Math.floor(step / 4))}`
  const lines = [
    `${paint('2', command)}`,
    ...(number % 5 === 0 ? [`[${bar}] ${String(step).padStart(3)}% ${paint('36', unit)}`] : []),
  ]
  if (random.integer(1, 40) !== 1) return lines
  const line = random.integer(12, 900)
  const caret = random.integer(4, 30)
  return [
    ...lines,
    paint('1', `File "${source}", line ${line}, characters ${caret}-${caret + 9}:`),
    `${line} |   let result = ignore value in`,
    `${' '.repeat(caret)}${paint('1;35', '^'.repeat(9))}`,
    `${paint('1;35', 'Warning')} 32 [unused-value-declaration]: unused value result.`,
  ]
}

function ending({ end }: ConsoleStory, paint: Paint): string[] {
  if (end.kind === 'compile-error' || end.kind === 'test-failure') {
    const { packageName, version } = end
    const task =
      end.kind === 'compile-error'
        ? `dune build -p ${packageName} -j 4`
        : `dune runtest -p ${packageName} -j 4`
    const report: readonly [string, string][] = [
      ['context', '2.1.2 | linux/x86_64 | ocaml-base-compiler | pinned'],
      ['path', `/tmp/myswitch/.opam-switch/build/${packageName}.${version}`],
      ['command', task],
      ['exit-code', '1'],
      ['env-file', `/tmp/log/${packageName}-2417-86b2c1.env`],
      ['output-file', `/tmp/log/${packageName}-2417-86b2c1.out`],
    ]
    return [
      `${paint('31', '[ERROR]')} The ${end.kind === 'compile-error' ? 'compilation' : 'test'} of ${paint('01', packageName)}.${version} failed at "${task}".`,
      '',
      `${paint('31', '#===')} ${paint('01', 'ERROR')} ${paint('01', `while ${end.kind === 'compile-error' ? 'compiling' : 'testing'} ${packageName}.${version}`)} ${paint('31', `${'='.repeat(30)}#`)}`,
      ...report.map(
        ([key, value]) => `${paint('33', '#')} ${paint('33', key)}${' '.repeat(13 - key.length)}${value}`,
      ),
      paint('33', '### output ###'),
      ...end.lines.map((line) => `${paint('33', '# ')}${line}`),
      '',
      `${paint('36', '<><>')} ${paint('01', 'Error report')} ${paint('36', '<><>'.repeat(15))}`,
      `${paint('31', '┌─ ')}The following actions ${paint('31', 'failed')}`,
      `${paint('31', '│ ')}${paint('36', 'λ')} build ${paint('01', packageName)} ${version}`,
      paint('31', '└─ '),
      `${paint('36', '╶─ ')}No changes have been performed`,
      'orb: [ERROR] install failed',
    ]
  }
  if (end.kind !== 'succeeded') return []
  return [
    'Done.',
    'orb: [INFO] exporting the switch, the environment and the list of system packages',
    ...end.artifacts.map((path) => `orb: [INFO] collected ${path}`),
    `orb: [INFO] ${paint('32', 'build succeeded')}`,
  ]
}

function split(fullName: string): [string, string] {
  const dot = fullName.indexOf('.')
  return [fullName.slice(0, dot), fullName.slice(dot + 1)]
}

function seededHex(random: Random, bytes: number): string {
  return Array.from({ length: bytes }, () => random.integer(0, 255).toString(16).padStart(2, '0')).join('')
}

/** Lines come in bursts: most of the time passes before few of them. */
function spread(texts: readonly string[], durationSeconds: number, random: Random): ConsoleLine[] {
  const weights = texts.map(() =>
    random.integer(1, 6) === 1 ? random.integer(20, 400) : random.integer(0, 3),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 1)
  let passed = 0
  return texts.map((text, index) => {
    passed += weights[index] ?? 0
    return { seconds: (passed / total) * durationSeconds * 0.98, text }
  })
}
