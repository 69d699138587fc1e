import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import { formatOffset } from '../ui/signed.ts'

type Binary = { path: string; resourcePath: string; sha256: string }

/** What to do about an output that nothing explains. */
export function NextSteps({ left, right, offset }: { left: Binary; right: Binary; offset: number | null }) {
  const name = (binary: Binary) => `${binary.sha256.slice(0, 12)}-${binary.path.split('/').at(-1) ?? ''}`
  const command = `hub diff --deep ${quote(name(left))} ${quote(name(right))}`
  return (
    <section aria-labelledby="next-steps" className="mt-4 border-t border-line pt-3">
      <h2 id="next-steps">What to do next</h2>
      <ol className="mt-1 list-decimal space-y-2 pl-5">
        <li>
          Get both:{' '}
          <span className="inline-flex flex-wrap gap-2">
            <a href={left.resourcePath} download={name(left)} className="control">
              <Icon name="download" /> Left binary
            </a>
            <a href={right.resourcePath} download={name(right)} className="control">
              <Icon name="download" /> Right binary
            </a>
          </span>
        </li>
        <li>
          Read <a href="#why">why they differ</a>: sections, members of archives, the bytes
          {offset !== null && ` from ${formatOffset(offset)}`}, and the likely cause. On your machine:{' '}
          <code className="wrap-anywhere">{command}</code>
          <CopyButton text={command} what="the command" />
        </li>
        <li>
          Look for what no input records: the time and date, paths, the number of processors, the order of
          files in a folder, something fetched meanwhile.
        </li>
      </ol>
    </section>
  )
}

/** As one word of a shell: names come from builds. */
function quote(word: string): string {
  return /^[\w.,@%+=:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
