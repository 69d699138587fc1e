import type { AnalysisCall, AnalysisOutput } from './analyses/analyse-input.ts'
import type { Materials } from './attestations/read-materials.ts'
import type { BuildInputs } from './bisect/build-inputs.ts'
import type { InputFile } from './bisect/read-input-file.ts'
import type { StoredResults } from './analyses/binary-size/diff-binary-sizes.ts'
import type { ComparedFiles } from './deep-diff/deep-diff.ts'
import type { InputContents, InputsDiff } from './diffs/diff-inputs.ts'
import type { PackageFacts } from './formats/package-facts.ts'
import type { PackageFile } from './repositories/read-package.ts'
import type { SwitchDescription } from './formats/opam/describe-switch.ts'

const decoder = new TextDecoder()

/**
 * The tasks of worker processes, by name. They are pure functions of their input and do not use the database.
 * Content is passed as the path of a file, or as bytes if it is some text. Each task loads its own code only,
 * so that a process starts soon.
 */
export const tasks = {
  /** Analyse a content. Throws MalformedError and other DomainErrors. */
  async analyse(call: AnalysisCall): Promise<AnalysisOutput> {
    const [{ analyseInputWith }, { kinds }] = await Promise.all([
      import('./analyses/analyse-input.ts'),
      import('./analyses/kinds.ts'),
    ])
    return analyseInputWith(kinds)(call)
  },

  /** Section, synopsis and description of a job from its `opam-switch`. Throws MalformedError, OpamLimitError. */
  async describeSwitch(opamSwitch: Uint8Array): Promise<SwitchDescription | null> {
    const { describeSwitch } = await import('./formats/opam/describe-switch.ts')
    return describeSwitch(decoder.decode(opamSwitch))
  },

  /** Compare two stored results of the BINARY_SIZE analysis. Returns a BinarySizeDiff as JSON. */
  async diffBinarySizes(results: StoredResults): Promise<Uint8Array> {
    const { diffStoredSizes } = await import('./analyses/binary-size/diff-binary-sizes.ts')
    return diffStoredSizes(results)
  },

  /** Compare two files down to the place that differs. Returns a DeepDiff as JSON. */
  async diffFilesDeep(files: ComparedFiles): Promise<Uint8Array> {
    const { diffFilesDeep } = await import('./deep-diff/deep-diff.ts')
    return diffFilesDeep(files)
  },

  /** Compare the inputs of two builds. Also returns the size of the result in characters of JSON. */
  async diffInputs({ left, right }: { left: InputContents; right: InputContents }): Promise<{
    diff: InputsDiff
    characters: number
  }> {
    const { diffInputs } = await import('./diffs/diff-inputs.ts')
    const diff = diffInputs(left, right)
    return { diff, characters: JSON.stringify(diff).length }
  },

  /** Names and versions in one input file of a build. Throws MalformedError, OpamLimitError. */
  async readInputFile(file: InputFile): Promise<BuildInputs> {
    const { readInputFile } = await import('./bisect/read-input-file.ts')
    return readInputFile(file)
  },

  /** What the inputs of a build say, for its provenance. Throws MalformedError, OpamLimitError, DuniverseError. */
  async readMaterials({
    opamSwitch,
    environment,
  }: Record<'opamSwitch' | 'environment', string>): Promise<Materials> {
    const { readMaterials } = await import('./attestations/read-materials.ts')
    return readMaterials(opamSwitch, environment)
  },

  /** Read what a package says of itself. Throws MalformedError. */
  async readPackage({ file: path, format }: PackageFile): Promise<PackageFacts> {
    const { readPackage } = await import('./repositories/read-package.ts')
    return readPackage({ file: path, format })
  },

  /** Convert a readme to HTML that is safe to embed. */
  async renderMarkdown(markdown: Uint8Array): Promise<string> {
    const { renderMarkdown } = await import('./jobs/render-markdown.ts')
    return renderMarkdown(decoder.decode(markdown))
  },
}

/** The tasks as their callers see them: a pool answers with a promise in any case. */
export type Tasks = {
  [Name in keyof typeof tasks]: (
    input: Parameters<(typeof tasks)[Name]>[0],
  ) => Awaited<ReturnType<(typeof tasks)[Name]>>
}
