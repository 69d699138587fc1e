import type { ReactNode } from 'react'

/** A page or a part of it that has nothing to show: what is the matter, and what to do. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="max-w-[70ch] py-8">
      <h1 tabIndex={-1}>{title}</h1>
      <div className="mt-2 space-y-3 text-quiet">{children}</div>
    </div>
  )
}

/** A list without entries: what is missing, and why. */
export function Empty({ children }: { children: ReactNode }) {
  return <p className="mt-2 border-t border-line py-6 text-quiet">{children}</p>
}
