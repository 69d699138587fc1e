import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { graphql } from '../gql/index.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'

const RebuildQuery = graphql(`
  query RebuildScript($uuid: UUID!) {
    build(uuid: $uuid) {
      id
      rebuild {
        reason
        script
        command
        url
        image
        snapshot
      }
    }
  }
`)

const answers = [
  [
    'REPRODUCED',
    'Your machine has made the same files, byte for byte. Nobody has put anything else into them.',
  ],
  [
    'DIFFERENT',
    'It has made other files. Either the build is not reproducible, or somebody has changed something.',
  ],
  [
    'FAILED',
    'It did not come so far: a download, the container or the build failed. That says nothing about the files.',
  ],
] as const

/** How to build something again on one's own machine: the line, the whole script, and what its answers mean. */
export default function RebuildDialog({ uuid, onClose }: { uuid: string; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => ref.current?.showModal(), [])
  const { data, error } = useQuery(RebuildQuery, { variables: { uuid } })
  const rebuild = data?.build?.rebuild
  return (
    <dialog
      ref={ref}
      onClose={onClose}
      aria-labelledby="rebuild-title"
      className="m-auto w-[46rem] max-w-[calc(100vw-1rem)] rounded-md border border-line-strong bg-surface p-5 text-text backdrop:bg-black/40"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div className="flex items-center justify-between">
        <h2 id="rebuild-title">Rebuild it yourself</h2>
        <form method="dialog">
          <button className="icon-button" aria-label="Close">
            <Icon name="cross" />
          </button>
        </form>
      </div>
      <p className="mt-1">
        You need not believe anybody: build it from the same inputs on your own machine, and see whether the
        same files come out.
      </p>
      <div role="status" className="mt-2">
        {!rebuild && !error && 'Loading …'}
        {error && <p className="text-bad">The script could not be read. Try again later.</p>}
        {rebuild?.reason && <p>There is no script for this build. {rebuild.reason}</p>}
      </div>
      {rebuild?.script && rebuild.command && rebuild.url && (
        <Script {...{ ...rebuild, script: rebuild.script, command: rebuild.command, url: rebuild.url }} />
      )}
    </dialog>
  )
}

type Shown = { script: string; command: string; url: string; image: string | null; snapshot: string | null }

function Script({ script, command, url, image, snapshot }: Shown) {
  return (
    <>
      <p className="mt-2">
        {image === null
          ? 'The script runs as root in a jail of FreeBSD.'
          : `The script needs docker or podman, and 10 GB. It runs in a container of ${image}${
              snapshot === null ? '' : `, with the system packages of ${dayOf(snapshot)}`
            }.`}{' '}
        It may take an hour, and sends nothing to anybody unless you ask for that.
      </p>
      <h3 className="mt-4">Download, read, run</h3>
      <Commands
        label="Commands to download the script"
        text={`curl -fsSLO '${url.replaceAll("'", `'\\''`)}'\nless rebuild.sh\nsh rebuild.sh`}
      />
      <h3 className="mt-4">In one line</h3>
      <p>Only if you trust this site, or have read the script below.</p>
      <Commands label="The line" text={command} />
      <h3 className="mt-4">What it answers</h3>
      <dl className="mt-1 grid gap-x-4 gap-y-1 wide:grid-cols-[9rem_1fr]">
        {answers.map(([word, meaning]) => (
          <div key={word} className="contents">
            <dt>
              <code>{word}</code>
            </dt>
            <dd className="narrow:mb-1">{meaning}</dd>
          </div>
        ))}
      </dl>
      <h3 className="mt-4">Let your answer count</h3>
      <p>
        If you have registered a key at this site, the script can sign which files came out on your machine,
        the same or others, and send that here as your vote. Anybody can then check that it is yours.
      </p>
      <Commands label="Command that sends a vote" text="ATTEST_KEY=attest.pem sh rebuild.sh" />
      <h3 className="mt-4">The whole script</h3>
      <Commands label="The script" text={script} isLong />
    </>
  )
}

const dayOf = (snapshot: string) => `${snapshot.slice(0, 4)}-${snapshot.slice(4, 6)}-${snapshot.slice(6, 8)}`

function Commands({ label, text, isLong = false }: { label: string; text: string; isLong?: boolean }) {
  return (
    <div className="mt-1 flex items-start gap-2">
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={`min-w-0 flex-1 overflow-x-auto rounded-md border border-line bg-raised px-3 py-2 text-small ${
          isLong ? 'max-h-96 overflow-y-auto' : ''
        }`}
      >
        <code>{text}</code>
      </pre>
      <CopyButton text={`${text}\n`} what={label} />
    </div>
  )
}
