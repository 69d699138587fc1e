import { Fragment } from 'react'
import { Link } from 'react-router'
import { Name } from '../ui/Name.tsx'

/** The way to this page. `here` is the last step, which has no address of its own. */
export function Breadcrumb({ trail, here }: { trail: { to: string; label: string }[]; here: string }) {
  return (
    <nav aria-label="Breadcrumb" className="mb-1 text-small text-quiet">
      <ol className="flex flex-wrap gap-x-2 wrap-anywhere">
        {trail.map(({ to, label }) => (
          <Fragment key={to}>
            <li>
              <Link to={to}>
                <Name>{label}</Name>
              </Link>
            </li>
            <li aria-hidden="true">›</li>
          </Fragment>
        ))}
        <li>
          <Name>{here}</Name>
        </li>
      </ol>
    </nav>
  )
}
