import type { CSource } from './c-sources.ts'
import type { Platform } from './host.ts'
import { revisionAt, type DemoJob } from './jobs.ts'
import { linkProgram, type Program, type ProgramSource, type ProgramUnit } from './ocaml-program.ts'
import { closureOf, type PackageUniverse } from './package-universe.ts'
import { systemPackage } from './system-package.ts'

/** A file that a build leaves behind. */
export type BuildProduct = { path: string; content: Uint8Array }

export type BuildInput = {
  job: DemoJob
  universe: PackageUniverse
  daysAgo: number
  platform: Platform
  startedAt: Date
  /** A service's programs as one package of the system; otherwise one by one. */
  asPackage: boolean
}

const extension: Record<Platform, string> = { 'debian-12': 'deb', 'debian-13': 'deb', 'freebsd-14': 'pkg' }
/** The release that stopped putting the date of the build into the tool. */
const reproducibleZoneTool = '1.2.0'

/**
 * What the build installs: binaries, debug information, readme. Equal inputs give equal files, but for zone-tool's
 * date.
 */
export function buildProducts(input: BuildInput): BuildProduct[] {
  const { job } = input
  switch (job.kind) {
    case 'unikernel': {
      const file = `${job.name}.${job.target}`
      const { stripped, debug } = link(input, job.name)
      return [
        { path: `bin/${file}`, content: stripped },
        { path: `${file}.debug`, content: debug },
        ...readmeOf(job, 'README.md'),
      ]
    }
    case 'tool': {
      const { stripped, debug } = link(input, job.name)
      return [
        { path: `bin/${job.name}`, content: stripped },
        { path: `${job.name}.debug`, content: debug },
        ...readmeOf(job, 'README.md'),
      ]
    }
    case 'service':
      return [...servicePrograms(input, job.programs), ...readmeOf(job, `doc/${job.name}/README.md`)]
  }
}

function readmeOf({ readme }: DemoJob, path: string): BuildProduct[] {
  return readme === null ? [] : [{ path, content: Buffer.from(readme) }]
}

function servicePrograms(input: BuildInput, names: readonly string[]): BuildProduct[] {
  const { job, platform, daysAgo, asPackage } = input
  const programs = new Map(names.map((name) => [name, link(input, name).stripped]))
  if (!asPackage) return [...programs].map(([name, content]) => ({ path: `bin/${name}`, content }))
  const { version } = revisionAt(job, daysAgo)
  return [
    {
      path: `bin/${job.name}.${extension[platform]}`,
      content: systemPackage(job.name, version, platform, programs),
    },
  ]
}

const programs = new Map<string, Program>()

/** Equal sources are linked once: builds that reproduce each other share their bytes. */
function link(input: BuildInput, programName: string): Program {
  const source = programSource(input, programName)
  const key = JSON.stringify(source)
  const known = programs.get(key)
  if (known) return known
  const program = linkProgram(source)
  programs.set(key, program)
  return program
}

function programSource(
  { job, universe, daysAgo, platform, startedAt }: BuildInput,
  programName: string,
): ProgramSource {
  const { version } = revisionAt(job, daysAgo)
  const compiler = universe.get('ocaml-base-compiler')?.version ?? ''
  const libraries = closureOf(job.libraries, universe)
  const units = libraries.flatMap((entry) => {
    const project = entry.repository.split('/')[1] ?? entry.name
    const directory =
      job.kind === 'unikernel' ? `${job.name}/duniverse/${project}/src` : `${entry.name}.${entry.version}/src`
    return Object.entries(entry.units).map(([name, codeKiB]): ProgramUnit => ({
      name,
      codeKiB,
      origin: `${entry.name}.${entry.version}`,
      directory,
    }))
  })
  const own = Object.entries(job.units).map(([name, codeKiB]): ProgramUnit => ({
    name,
    codeKiB,
    origin: `${programName}.${version}`,
    directory: job.name,
  }))
  const stubs = libraries
    .filter((entry) => entry.stubs.length > 0)
    .map((entry): CSource => ({
      directory: `${entry.name}/src`,
      file: `${entry.name.replaceAll('-', '_')}_stubs.c`,
      functions: entry.stubs,
    }))
  return {
    compiler,
    units: [...units, ...own],
    stubs,
    runsOn:
      job.kind === 'unikernel'
        ? { kind: 'solo5', target: job.target, devices: job.devices }
        : { kind: 'unix', platform },
    texts: [
      `${programName} ${version}`,
      `OCaml ${compiler}`,
      job.synopsis,
      'usage: %s [OPTION]…',
      ...buildDate(job, version, startedAt),
    ],
  }
}

function buildDate({ kind }: DemoJob, version: string, startedAt: Date): string[] {
  return kind === 'tool' && version !== reproducibleZoneTool ? [`built on ${startedAt.toISOString()}`] : []
}
