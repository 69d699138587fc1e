import { Fragment } from 'react'
import { Link, type To } from 'react-router'
import { paths } from '../paths.ts'
import { type SizeNode, wayTo } from './size-tree.ts'

/** Breadcrumb links to the group that fills the picture. */
export function SizeTrail(props: {
  root: SizeNode
  view: SizeNode
  addressOf: (group: SizeNode) => To
  note: (node: SizeNode) => string
}) {
  const { root, view, addressOf, note } = props
  const steps = [root, ...wayTo(view)]
  return (
    <nav aria-label="Place in the file">
      <ol className="flex flex-wrap gap-x-2 wrap-anywhere">
        {steps.map((step, index) => (
          <Fragment key={step.id}>
            {index > 0 && (
              <li aria-hidden="true" className="text-quiet">
                ›
              </li>
            )}
            <li>
              {step === view ? (
                <span aria-current="location">
                  <strong className="font-semibold">{step.name}</strong>{' '}
                  <span className="text-quiet tabular-nums">{note(step)}</span>
                  {step.kind === 'PACKAGE' && (
                    <>
                      {' · '}
                      <Link to={paths.package('opam', step.name)}>who has it</Link>
                    </>
                  )}
                </span>
              ) : (
                <Link to={addressOf(step)} preventScrollReset>
                  {step.name}
                </Link>
              )}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
