import { useState } from 'react'
import { ConsoleViewer } from './ConsoleViewer.tsx'
import { useConsoleLog } from './use-console-log.ts'

/** The console of a build, whose text is at `url`. */
export function StoredConsole({
  url,
  entriesUrl,
  openAt,
  startedAt,
  isFull,
}: {
  url: string
  entriesUrl: string
  openAt: number | 'end' | null
  startedAt: string
  isFull: boolean
}) {
  const [attempt, setAttempt] = useState(0)
  const loaded = useConsoleLog(url, entriesUrl, attempt)
  return (
    <ConsoleViewer
      loaded={loaded}
      rawUrl={url}
      onRetry={() => setAttempt(attempt + 1)}
      openAt={openAt}
      startedAt={startedAt}
      isFull={isFull}
    />
  )
}
