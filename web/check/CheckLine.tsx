import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { type FragmentType, graphql, readFragment } from '../gql/index.ts'
import { paths } from '../paths.ts'
import { useSiteAddress } from '../site-address.ts'

const CheckDialog = lazy(() => import('./CheckDialog.tsx'))
const RebuildDialog = lazy(() => import('../rebuild/RebuildDialog.tsx'))

const CheckLineFragment = graphql(`
  fragment CheckLine on Build {
    uuid
    status
    job {
      id
      name
    }
    mainBinary {
      id
      path
    }
    attestations {
      uuid
      kind
      keyId
      isKeyRevoked
      url
    }
  }
`)

/** One plain line beside the download of the main binary: what is signed of it, and the ways to check that. */
export function CheckLine(props: { build: FragmentType<typeof CheckLineFragment> }) {
  const { uuid, status, job, mainBinary, attestations } = readFragment(CheckLineFragment, props.build)
  const [open, setOpen] = useState<'check' | 'rebuild' | null>(null)
  const valid = attestations.filter(({ isKeyRevoked }) => !isKeyRevoked)
  const provenance = valid.findLast(({ kind }) => kind === 'PROVENANCE')
  const { origin } = useSiteAddress()
  if (status === 'FAILED') return null
  const has = (kind: string) => valid.some((one) => one.kind === kind)
  const words = has('DIFFERENT')
    ? 'Signed: a rebuild gave another file.'
    : has('CONFIRMED')
      ? 'Signed: another builder has made the same file.'
      : 'Signed by this site.'
  return (
    <p className="mt-3 text-small">
      {provenance && mainBinary && (
        <>
          {words} <DialogButton onClick={() => setOpen('check')}>Check it yourself</DialogButton>
          {' · '}
        </>
      )}
      <DialogButton onClick={() => setOpen('rebuild')}>Rebuild it yourself</DialogButton>
      {provenance && (
        <>
          {' · '}
          <Link to={paths.keys}>Keys</Link>
        </>
      )}
      {open === 'rebuild' && (
        <Suspense>
          <RebuildDialog uuid={uuid} onClose={() => setOpen(null)} />
        </Suspense>
      )}
      {open === 'check' && provenance && mainBinary && (
        <Suspense>
          <CheckDialog
            file={{
              ...{ origin, build: origin + paths.build(job.name, uuid), keyId: provenance.keyId },
              file: origin + paths.artifact(job.name, uuid, mainBinary.path),
              fileName: mainBinary.path.split('/').at(-1) ?? mainBinary.path,
              attestation: `${origin}/attestation/${provenance.uuid}`,
              signer: provenance.url.replace(/^https?:\/\//, '').replace(/\/attestation\/.*$/, ''),
              isReproduced: has('CONFIRMED'),
            }}
            onClose={() => setOpen(null)}
          />
        </Suspense>
      )}
    </p>
  )
}

function DialogButton({ children, onClick }: { children: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="text-accent underline-offset-3 hover:underline"
      aria-haspopup="dialog"
      onClick={onClick}
    >
      {children}
    </button>
  )
}
