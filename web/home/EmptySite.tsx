import { useSiteAddress } from '../site-address.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { PageTitle } from '../ui/PageTitle.tsx'

/** What a new site shows: the two commands that bring the first build. */
export default function EmptySite() {
  const { protocol, host } = useSiteAddress()
  const steps = [
    {
      title: 'Make a user who may upload every job',
      note: 'On the machine that runs Builder Hub; it asks for the password.',
      command: 'npm run -s hub -- user add alice --unrestricted',
    },
    {
      title: 'Upload a build',
      note: 'The record that builder-server writes, by hand here; then give builder-server the same address.',
      command: `curl --data-binary @full.der ${protocol}//alice:PASSWORD@${host}/upload`,
    },
  ]
  return (
    <div className="max-w-[75ch] py-6">
      <PageTitle>Builder Hub</PageTitle>
      <h1>No build has arrived yet</h1>
      <p className="mt-1 text-quiet">Two commands upload the first build.</p>
      <ol className="mt-6 space-y-6">
        {steps.map(({ title, note, command }, index) => (
          <li key={title}>
            <h2>
              {index + 1}. {title}
            </h2>
            <p className="text-small text-quiet">{note}</p>
            <div className="mt-2 flex items-start gap-2 rounded-md border border-line bg-raised py-2 pr-2 pl-3">
              <code className="min-w-0 flex-1 py-0.5 break-all">{command}</code>
              <CopyButton text={command} what="the command" />
            </div>
          </li>
        ))}
      </ol>
    </div>
  )
}
