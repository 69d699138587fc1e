import { Icon } from './Icon.tsx'

/** Leads to an Atom feed; `of` completes "Feed of …". */
export function FeedLink({ to, of }: { to: string; of: string }) {
  return (
    <a href={to} type="application/atom+xml" className="inline-flex items-center gap-1.5 text-small">
      <Icon name="feed" /> Feed<span className="sr-only"> of {of}</span>
    </a>
  )
}
