import { useState } from 'react'
import { findUuid } from './picker-filter.ts'

/** For a build of another job: its UUID, or anything that has one in it, such as the address of its page. */
export function PickerUuid({ onPick }: { onPick: (build: { uuid: string; startedAt: string }) => void }) {
  const [text, setText] = useState('')
  const [isWrong, setIsWrong] = useState(false)
  return (
    <form
      className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-2.5 text-small"
      onSubmit={(event) => {
        event.preventDefault()
        const uuid = findUuid(text)
        setIsWrong(uuid === null)
        // When it started is not known: it counts as the newer one.
        if (uuid !== null) onPick({ uuid, startedAt: '9999' })
      }}
    >
      <label htmlFor="picker-uuid" className="text-quiet">
        Or a build of any job
      </label>
      <input
        id="picker-uuid"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setIsWrong(false)
        }}
        placeholder="UUID, or the address of its page"
        autoComplete="off"
        spellCheck={false}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? 'picker-uuid-wrong' : undefined}
        className="h-8 min-w-0 flex-1 basis-52 rounded-md border border-line-strong bg-surface px-2 placeholder:text-quiet"
      />
      <button className="control">Compare</button>
      {isWrong && (
        <p id="picker-uuid-wrong" role="alert" className="basis-full text-bad">
          There is no UUID in it. One looks like e2e00000-0000-4000-8000-000000000001.
        </p>
      )}
    </form>
  )
}
