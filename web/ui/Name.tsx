import { visibleName } from './visible-text.ts'

/**
 * The name of a job or platform, or a path, as its uploader chose it: isolated, so that it cannot change the order
 * of the text around it, and with hidden characters shown.
 */
export function Name({ children }: { children: string }) {
  return <bdi>{visibleName(children)}</bdi>
}
