import { countOf } from './signed.ts'

/** Lists of the platforms of a job are cut: how many of `all` are not among the `listed`. Nothing when all are. */
export function MorePlatforms({ all, listed }: { all: number; listed: number }) {
  const more = all - listed
  if (more <= 0) return null
  return (
    <span className="block text-small text-quiet">
      {countOf(more, 'more platform')} {more === 1 ? 'is' : 'are'} not listed
    </span>
  )
}
