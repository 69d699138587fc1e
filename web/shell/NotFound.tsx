import { Link } from 'react-router'
import { paths } from '../paths.ts'
import { Notice } from '../ui/Notice.tsx'
import { visibleText } from '../ui/visible-text.ts'
import { PageTitle } from '../ui/PageTitle.tsx'

/** The page for an unknown address. `what`: one sentence that says what is missing. */
export function NotFound({ what }: { what: string }) {
  return (
    <Notice title="Not found">
      <PageTitle>Not found · Builder Hub</PageTitle>
      <p>{visibleText(what)}</p>
      <p>
        It may have been removed, or the address is mistyped. Search above, or go to{' '}
        <Link to={paths.allBuilds}>all jobs</Link>.
      </p>
    </Notice>
  )
}
