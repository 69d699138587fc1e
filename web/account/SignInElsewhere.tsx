import { visibleName } from '../ui/visible-text.ts'
import { elsewherePath } from './elsewhere-path.ts'
import { FormError } from './FormError.tsx'
import { problems } from './sign-in-problems.ts'

/** The way to another site that signs people in, if there is one (`name`), and why it did not work the last time. */
export function SignInElsewhere({
  next,
  name,
  problem,
}: {
  next: string
  name: string | null | undefined
  problem: string | null
}) {
  if (name == null) return null
  const shown = visibleName(name)
  const say = problem !== null && Object.hasOwn(problems, problem) ? problems[problem] : undefined
  return (
    <div className="mt-4 space-y-4">
      {problem !== null && <FormError>{say?.(shown) ?? 'Signing in did not work. Try it again.'}</FormError>}
      {/* It leads to the server, which is no page of this application. */}
      <a href={elsewherePath(next)} className="control w-full">
        Sign in with {shown}
      </a>
      <p className="text-quiet">Or with a password of this site:</p>
    </div>
  )
}
