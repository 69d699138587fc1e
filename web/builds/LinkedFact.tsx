import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Icon } from '../ui/Icon.tsx'

/** Words, and behind them a link that goes on. What is there `after` it has the rest of a line for itself. */
export function LinkedFact(props: { to: string; link: string; after?: ReactNode; children?: ReactNode }) {
  return (
    <li className={props.after ? 'flex w-full items-baseline gap-x-2 narrow:flex-wrap' : ''}>
      <span className="shrink-0">
        {props.children}{' '}
        <Link to={props.to} className="inline-flex items-center gap-0.5 whitespace-nowrap">
          {props.link} <Icon name="forward" className="size-3.5" />
        </Link>
      </span>
      {props.after}
    </li>
  )
}
