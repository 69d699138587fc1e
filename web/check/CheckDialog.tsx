import { useEffect, useRef } from 'react'
import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import { CheckInBrowser } from './CheckInBrowser.tsx'
import { waysToCheck, type CheckedFile } from './commands.ts'

/** The ways to check a download, open. */
export default function CheckDialog({ file, onClose }: { file: CheckedFile; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => ref.current?.showModal(), [])
  return (
    <dialog
      ref={ref}
      onClose={onClose}
      aria-labelledby="check-title"
      className="m-auto w-[46rem] max-w-[calc(100vw-1rem)] rounded-md border border-line-strong bg-surface p-5 text-text backdrop:bg-black/40"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div className="flex items-center justify-between">
        <h2 id="check-title">Check a file yourself</h2>
        <form method="dialog">
          <button className="icon-button" aria-label="Close">
            <Icon name="cross" />
          </button>
        </form>
      </div>
      <p className="mt-1">
        This site signs which files a build made. With the signature you can see that your download is one of
        them, also if it came from elsewhere. Whether the program is good, a signature does not say.
      </p>
      <CheckInBrowser />
      <section aria-labelledby="check-commands" className="mt-6">
        <h3 id="check-commands">With programs that you have</h3>
        <p className="mt-1">
          Then you need not believe this page. Each way begins in an empty folder, and stops at the first
          command that fails. Compare the key with what you have seen before:{' '}
          <Link to={paths.keys}>Keys</Link>. What this site has signed is in its public{' '}
          <Link to={paths.log}>log</Link>.
        </p>
        {waysToCheck(file).map(({ title, needs, commands }) => (
          <details key={title} className="mt-2">
            <summary className="cursor-pointer py-1">
              {title} <span className="text-small text-quiet">needs {needs}</span>
            </summary>
            <div className="flex items-start gap-2">
              <pre
                tabIndex={0}
                role="region"
                aria-label={`Commands for ${title}`}
                className="min-w-0 flex-1 overflow-x-auto rounded-md border border-line bg-raised px-3 py-2 text-small"
              >
                <code>{commands}</code>
              </pre>
              <CopyButton text={`${commands}\n`} what={`the commands for ${title}`} />
            </div>
          </details>
        ))}
      </section>
    </dialog>
  )
}
