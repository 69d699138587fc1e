import { gradeLooks } from '../hash/grade-looks.ts'
import { Icon } from '../ui/Icon.tsx'

const grades = [
  ['CONFIRMED', 'Confirmed'],
  ['REPEATED', 'Repeated here'],
  ['NOT_REPEATED', 'Not repeated yet'],
  ['DISPUTED', 'Disputed'],
] as const

/** What the site is for, and what its words mean, for who comes first. */
export default function Legend() {
  return (
    <div className="mt-2 mb-1 max-w-[80ch]">
      <p>
        A build is reproducible if everybody who builds the same source gets the same file, byte for byte.
        Then nobody has to trust the machine that built it. This site takes in builds from builders, compares
        what came of them, and keeps everything that is needed to build them again.
      </p>
      <dl className="mt-3 grid gap-x-6 gap-y-2 wide:grid-cols-[max-content_1fr]">
        {grades.map(([kind, words]) => (
          <div key={kind} className="contents">
            <dt className={`flex items-center gap-1.5 self-start whitespace-nowrap ${gradeLooks[kind].tone}`}>
              <Icon name={gradeLooks[kind].sign} /> {words}
            </dt>
            <dd className="text-quiet narrow:pl-6">{gradeLooks[kind].text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
