import { useEffect, useRef } from 'react'
import { Icon } from '../ui/Icon.tsx'

const groups: { name: string; keys: [string[], string][] }[] = [
  {
    name: 'Everywhere',
    keys: [
      [['/'], 'Search'],
      [['Ctrl', 'k'], 'Search, also while you type elsewhere'],
      [['j'], 'Next row'],
      [['k'], 'Row before'],
      [['Enter'], 'Open the row'],
      [['?'], 'This list'],
    ],
  },
  {
    name: 'On a build, and on a comparison',
    keys: [[['c'], 'Choose what to compare with']],
  },
  {
    name: 'In the console',
    keys: [
      [['/'], 'Search in the console'],
      [['Enter'], 'Next match'],
      [['Shift', 'Enter'], 'Match before'],
      [['j'], 'Mark the next line'],
      [['k'], 'Mark the line before'],
      [['J'], 'Mark one line more'],
      [['K'], 'Mark one line less'],
      [['Esc'], 'Unmark'],
    ],
  },
]

/** The list of keys, open. The browser's own dialog: it keeps the focus inside, and needs no inline style. */
export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => ref.current?.showModal(), [])
  return (
    <dialog
      ref={ref}
      onClose={onClose}
      aria-labelledby="shortcuts-title"
      className="m-auto w-[28rem] max-w-[calc(100vw-2rem)] rounded-md border border-line-strong bg-surface p-5 text-text backdrop:bg-black/40"
      onClick={(event) => event.target === event.currentTarget && event.currentTarget.close()}
    >
      <div className="flex items-center justify-between">
        <h2 id="shortcuts-title">Keyboard</h2>
        <form method="dialog">
          <button className="icon-button" aria-label="Close">
            <Icon name="cross" />
          </button>
        </form>
      </div>
      {groups.map(({ name, keys }) => (
        <section key={name} className="mt-3">
          <h3 className="text-small text-quiet">{name}</h3>
          <dl className="mt-1 grid grid-cols-[8rem_1fr] gap-y-1">
            {keys.map(([combination, meaning]) => (
              <div key={meaning} className="contents">
                <dt className="space-x-1">
                  {combination.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  )
}
