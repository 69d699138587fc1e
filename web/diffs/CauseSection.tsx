import { lazy } from 'react'
import { AskedPart } from './AskedPart.tsx'

const CausePart = lazy(() => import('../bisect/CausePart.tsx'))

/** Which of the changes is the cause: it reads the inputs of some dozen builds. */
export function CauseSection(props: { left: string; right: string; isOpenAtFirst: boolean }) {
  const { left, right, isOpenAtFirst } = props
  return (
    <AskedPart
      id="cause"
      summary="by the builds before and after, and other jobs"
      isOpenAtFirst={isOpenAtFirst}
    >
      <CausePart left={left} right={right} />
    </AskedPart>
  )
}
