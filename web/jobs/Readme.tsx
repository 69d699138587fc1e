import './prose.css'

/** A job's readme. `html` comes sanitized from the server, and nothing else may be given to this component. */
export function Readme({ html }: { html: string }) {
  return (
    <section aria-labelledby="readme" className="mt-10 border-t border-line pt-4">
      <h2 id="readme" className="text-small font-normal text-quiet">
        Readme
      </h2>
      <div ref={openForEveryone} className="prose mt-2" dangerouslySetInnerHTML={{ __html: html }} />
    </section>
  )
}

/** Adds what Markdown has no words for: boxes that scroll take the focus, and check boxes say what they mean. */
function openForEveryone(prose: HTMLElement | null): void {
  if (!prose) return
  for (const box of prose.querySelectorAll<HTMLElement>('pre, table')) box.tabIndex = 0
  for (const check of prose.querySelectorAll<HTMLInputElement>('input[type=checkbox]')) {
    check.ariaLabel = check.checked ? 'done' : 'to do'
  }
}
