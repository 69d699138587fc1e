import { lazy, Suspense, useEffect, useState } from 'react'
import { paths } from '../paths.ts'
import { isPlainKey } from '../shell/shortcuts.ts'

const BuildPicker = lazy(async () => ({ default: (await import('./BuildPicker.tsx')).BuildPicker }))

/** Opens the picker for what to compare this build with; so does the key `c`. The older one goes left. */
export function CompareButton({
  build,
}: {
  build: { uuid: string; startedAt: string; job: { name: string } }
}) {
  const [isOpen, setIsOpen] = useState(false)

  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (!isPlainKey(event) || event.key !== 'c') return
      event.preventDefault()
      setIsOpen(true)
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [])

  return (
    <>
      <button type="button" className="control" aria-haspopup="dialog" onClick={() => setIsOpen(true)}>
        Compare with …
      </button>
      {isOpen && (
        <Suspense>
          <BuildPicker
            title="Compare with which build?"
            listOf={build}
            keeps={build}
            addressOf={(other) =>
              other.startedAt < build.startedAt
                ? paths.compare(other.uuid, build.uuid)
                : paths.compare(build.uuid, other.uuid)
            }
            onClose={() => setIsOpen(false)}
          />
        </Suspense>
      )}
    </>
  )
}
