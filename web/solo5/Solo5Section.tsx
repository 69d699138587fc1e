import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { describeDevices } from './describe.ts'
import { howToRun } from './how-to-run.ts'

const Solo5SectionFragment = graphql(`
  fragment Solo5Section on Build {
    mainBinary {
      id
      path
    }
    solo5 {
      target
      abiVersion
      manifestVersion
      netDevices
      blockDevices
      reason
    }
  }
`)

/** What a unikernel needs, and the command that runs it. Nothing for what is no unikernel. */
export function Solo5Section(props: { build: FragmentType<typeof Solo5SectionFragment> }) {
  const { mainBinary, solo5 } = readFragment(Solo5SectionFragment, props.build)
  if (!mainBinary || !solo5 || (solo5.target === null && solo5.manifestVersion === null)) return null
  const { command, note } = howToRun(solo5, mainBinary.path.split('/').at(-1) ?? '')
  const devices = describeDevices(solo5)
  return (
    <section aria-labelledby="unikernel" className="mt-8">
      <h2 id="unikernel" className="scroll-mt-4">
        Unikernel
      </h2>
      <p className="mt-1 max-w-[75ch] break-words">
        {solo5.target ? `${solo5.target.toLowerCase()} unikernel` : 'A unikernel of unknown target'}
        {solo5.manifestVersion !== null && (devices ? <>, needs {devices}</> : ', needs no devices')}
        <span className="text-quiet">
          {solo5.abiVersion !== null && ` · ABI version ${solo5.abiVersion}`}
          {solo5.manifestVersion !== null && ` · manifest version ${solo5.manifestVersion}`}
        </span>
      </p>
      {solo5.reason && <p className="mt-1 max-w-[75ch] break-words text-warn">{solo5.reason}</p>}
      {command ? (
        <div className="mt-2 flex items-start gap-2 rounded-md border border-line bg-raised py-2 pr-2 pl-3">
          <code className="min-w-0 flex-1 py-0.5 break-words">{command}</code>
          <CopyButton text={command} what="the command" />
        </div>
      ) : null}
      <p className="mt-1 max-w-[75ch] text-small text-quiet">
        {command || !/^(HVT|SPT|VIRTIO)$/.test(solo5.target ?? '')
          ? note
          : 'The names of its devices hold characters that a shell should not be given: there is no command to copy.'}
      </p>
    </section>
  )
}
