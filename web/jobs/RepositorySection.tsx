import type { JobPageQuery } from '../gql/graphql.ts'
import { CopyButton } from '../ui/CopyButton.tsx'

type Repository = NonNullable<JobPageQuery['job']>['repositories'][number]

/** How to install the job's packages on a machine. */
export function RepositorySection({ repositories }: { repositories: readonly Repository[] }) {
  if (repositories.length === 0) return null
  return (
    <section aria-labelledby="install" className="mt-10">
      <h2 id="install" className="mb-2">
        Install
      </h2>
      {repositories.map((repository) => (
        <details key={repository.name} className="mb-2" open={repositories.length === 1}>
          <summary className="cursor-pointer py-1 wrap-anywhere">
            from the package repository <code>{repository.name}</code>
          </summary>
          <ol className="mt-1 space-y-3">
            {repository.setup.map(({ title, text }) => (
              <li key={title}>
                <div className="flex items-center justify-between gap-2 text-small text-quiet">
                  <span className="wrap-anywhere">{title}</span>
                  <CopyButton text={`${text}\n`} what={title} />
                </div>
                <pre
                  tabIndex={0}
                  role="region"
                  aria-label={title}
                  className="overflow-x-auto rounded-md border border-line bg-raised px-3 py-2 text-small"
                >
                  <code>{text}</code>
                </pre>
              </li>
            ))}
          </ol>
          {repository.fingerprints.map((fingerprint) => (
            <p key={fingerprint} className="mt-2 text-small text-quiet">
              Fingerprint of the key: <code className="wrap-anywhere">{fingerprint}</code>
            </p>
          ))}
        </details>
      ))}
    </section>
  )
}
