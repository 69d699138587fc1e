import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { useLocation } from 'react-router'
import { paths } from '../paths.ts'
import { ByteSize } from '../ui/ByteSize.tsx'
import { Empty } from '../ui/Notice.tsx'
import { Skeleton } from '../ui/Skeleton.tsx'
import { useIsSeen } from '../ui/use-is-seen.ts'
import { readKeptPlace } from './kept-place.ts'
import { parseLineRange } from './line-range.ts'
import { useKeptPlace } from './use-kept-place.ts'

const StoredConsole = lazy(async () => ({ default: (await import('./StoredConsole.tsx')).StoredConsole }))

/** The console of a build. Its viewer and its text are loaded when it comes into view, or an address names a line. */
export function ConsoleSection(props: {
  job: string
  uuid: string
  sizeBytes: number
  startedAt: string
  openAtEnd: boolean
  isFull: boolean
}) {
  const { job, uuid, sizeBytes, startedAt, openAtEnd, isFull } = props
  const section = useRef<HTMLElement>(null)
  const location = useLocation()
  const { hash } = location
  const [namesLine] = useState(() => parseLineRange(hash) !== null)
  const [kept] = useState(() => readKeptPlace(location.state))
  const [isNear, focusStop] = useIsSeen(section)
  const isSeen = isNear || namesLine || kept !== null || isFull

  // Where the end is what matters, it should be on the screen together with the build's result.
  const most = openAtEnd ? 'max(24rem, 100dvh - 31rem)' : 'min(46rem, 85dvh)'

  useEffect(() => {
    if (namesLine) section.current?.scrollIntoView({ block: 'start' })
  }, [namesLine])

  useKeptPlace(section, kept)

  return (
    <section
      ref={section}
      aria-labelledby="console"
      className={isFull ? 'full-height flex min-h-64 flex-1 flex-col' : 'mt-8 scroll-mt-2'}
    >
      <h2 id="console" className="mb-2 scroll-mt-4">
        Console{' '}
        <span className="font-normal text-quiet">
          <ByteSize bytes={sizeBytes} />
          {kept && (
            <span role="status">
              {openAtEnd ? ' · the build has failed: above is why' : ' · the build has succeeded'}
            </span>
          )}
        </span>
      </h2>
      <div
        {...(isSeen ? {} : focusStop)}
        role="group"
        aria-label="Lines of the console"
        className={`flex flex-col ${isFull ? 'min-h-0 flex-1' : ''}`}
        // As much room as the text will probably take, so that what follows does not jump.
        style={
          isFull ? undefined : { minHeight: `min(${guessHeight(sizeBytes)}px, ${most})`, maxHeight: most }
        }
      >
        {sizeBytes === 0 ? (
          <Empty>The build wrote nothing.</Empty>
        ) : (
          isSeen && (
            <Suspense fallback={<Skeleton />}>
              <StoredConsole
                url={paths.console(job, uuid)}
                entriesUrl={paths.consoleEntries(job, uuid)}
                openAt={namesLine ? null : (kept?.line ?? (openAtEnd ? 'end' : null))}
                startedAt={startedAt}
                isFull={isFull}
              />
            </Suspense>
          )
        )}
      </div>
    </section>
  )
}

/** Pixels for the toolbar and the lines, of which logs have about one for 60 bytes. */
function guessHeight(sizeBytes: number): number {
  return sizeBytes === 0 ? 0 : 60 + Math.round(sizeBytes / 60) * 20
}
