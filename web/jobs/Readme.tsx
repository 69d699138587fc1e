import './prose.css'

/** A job's readme. `html` comes sanitized from the server, and nothing else may be given to this component. */
export function Readme({ html }: { html: string }) {
  return (
    <section aria-labelledby="readme" className="mt-10 border-t border-line pt-4">
      <h2 id="readme" className="text-small font-normal text-quiet">
        Readme
      </h2>
      <div className="prose mt-2" dangerouslySetInnerHTML={{ __html: html }} />
    </section>
  )
}
