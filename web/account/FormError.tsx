import type { ReactNode } from 'react'

/** What is wrong with what was sent. Screen readers say it as soon as it is there. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <div role="alert" className="text-bad">
      {children}
    </div>
  )
}
