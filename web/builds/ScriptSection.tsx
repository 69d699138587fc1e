import { paths } from '../paths.ts'
import { CodeBlock } from '../ui/CodeBlock.tsx'
import { formatByteSize } from '../ui/byte-size.ts'
import { Icon } from '../ui/Icon.tsx'

/** The script that the worker ran, folded at first: it is long, and rarely the reason for a visit. */
export function ScriptSection(props: {
  job: string
  uuid: string
  script: string | null
  sizeBytes: number
}) {
  const { job, uuid, script, sizeBytes } = props
  if (script === null)
    return (
      <section aria-labelledby="script" className="mt-8">
        <h2 id="script" className="scroll-mt-4">
          Script
        </h2>
        <p className="mt-1 text-warn">The server has lost the script of this build.</p>
      </section>
    )
  // Bytes that are not UTF-8 are longer as text, so a script of them may be cut without a word.
  const isCut = new TextEncoder().encode(script).length < sizeBytes
  const lineCount = script.replace(/\n$/, '').split('\n').length
  return (
    <section aria-labelledby="script" className="mt-8">
      <h2 id="script" className="scroll-mt-4">
        Script
      </h2>
      <details className="group mt-1">
        <summary className="flex w-fit cursor-pointer list-none items-center gap-1.5 text-accent">
          <Icon name="forward" className="group-open:rotate-90" />
          {isCut && 'more than '}
          {lineCount.toLocaleString('en-US')} {lineCount === 1 ? 'line' : 'lines'} that the worker ran
        </summary>
        <div className="mt-2">
          {isCut && (
            <p className="text-quiet">The script has {formatByteSize(sizeBytes)}: here is its start.</p>
          )}
          <p className="mb-2 text-right">
            <a href={paths.script(job, uuid)}>raw</a>
          </p>
          <CodeBlock text={script} label="Build script" />
        </div>
      </details>
    </section>
  )
}
