import { type ReactNode, useId, useState } from 'react'
import { Link } from 'react-router'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Icon } from '../ui/Icon.tsx'
import { DownloadMenu } from './DownloadMenu.tsx'
import { dataDownloads, imageDownloads, type PictureData } from './picture-downloads.ts'
import { useViewParameter } from './use-view-parameter.ts'

export type PictureProps = {
  /** Short name, unique in the page: its anchor (`#history`), and the parameter of its state (`?history=table`). */
  name: string
  title: string
  /** Title in saved images, which lack the page around; default: `title`. */
  fullTitle?: string
  /** Default 2. */
  headingLevel?: 2 | 3
  /** Summary of the picture in words. Saved images contain it, too. */
  summary: ReactNode
  /** Parts of the names of saved files, e.g. `[job, 'size', platform]`; see `toFileName`. */
  fileName: readonly string[]
  /** Data of the picture for CSV and JSON. Called when a reader saves it. */
  data: () => PictureData | Promise<PictureData>
  /** The table with the same facts and links. Called when it is shown. */
  table: () => ReactNode
  /** Controls above the picture. They are shown with the table, too. */
  controls?: ReactNode
  /** Address of the page that shows only this picture. */
  pageHref?: string
  /** Address that shows this very view; default: the address of the page, at the picture. */
  permalink?: () => string
  /** Where the choice `Picture | Table` is stored. `local` if the address must not change. Default `url`. */
  state?: 'url' | 'local'
  /**
   * The picture. The `<svg data-picture>` in it is saved as SVG and PNG. It needs a `viewBox` in CSS pixels. Styles
   * and tokens are resolved, and elements with `data-screen-only` are left out (standalone-svg.ts).
   */
  children: ReactNode
  /** Draws a picture on a canvas again for a PNG, with `scale` pixels for each CSS pixel. */
  drawCanvas?: (scale: number) => HTMLCanvasElement
}

/**
 * The frame of every picture: title, summary in words, the picture or its table, downloads, and links to this
 * view. It does not use GraphQL. Import it only from lazy chunks. If the loader of a page should not run again when
 * the state of the picture changes, use `reloadsUnlessOnly` (view-state.ts).
 */
export function Picture(props: PictureProps) {
  const { name, title, headingLevel = 2, state = 'url' } = props
  const id = useId()
  const [summary, setSummary] = useState<HTMLElement | null>(null)
  const [body, setBody] = useState<HTMLElement | null>(null)
  const [isTable, setIsTable] = useIsTable(name, state)
  const Heading = headingLevel === 2 ? 'h2' : 'h3'

  const permalink = () => {
    const url = new URL(props.permalink?.() ?? location.href, location.href)
    if (!props.permalink) url.hash = name
    return url.href
  }

  const source = {
    fileName: props.fileName,
    data: props.data,
    drawCanvas: props.drawCanvas,
    findDrawing: () => body?.querySelector<SVGSVGElement>('svg[data-picture]') ?? null,
    readLegend: () => ({
      title: props.fullTitle ?? title,
      summary: summary?.textContent ?? '',
      source: permalink(),
    }),
  }
  // The drawing can be saved only while it is shown.
  const downloads = [...(isTable ? [] : imageDownloads(source)), ...dataDownloads(source)]

  return (
    <figure
      id={name}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-summary`}
      className="scroll-mt-4"
    >
      <figcaption>
        <Heading id={`${id}-title`}>{title}</Heading>
        <div id={`${id}-summary`} ref={setSummary} className="text-quiet wrap-anywhere">
          {props.summary}
        </div>
      </figcaption>
      <div className="my-2 flex flex-wrap items-center gap-x-4 gap-y-2">
        {props.controls}
        <div className="ml-auto flex flex-wrap items-center gap-1">
          <div role="group" aria-label="Show as" className="flex gap-1">
            {[false, true].map((wanted) => (
              <button
                key={String(wanted)}
                type="button"
                className="control"
                aria-pressed={isTable === wanted}
                onClick={() => setIsTable(wanted)}
              >
                {wanted ? 'Table' : 'Picture'}
              </button>
            ))}
          </div>
          <DownloadMenu what={isTable ? 'table' : 'picture'} of={title} downloads={downloads} />
          <CopyButton text={permalink} what="link to this view" />
          {props.pageHref && (
            <Link to={props.pageHref} className="icon-button" aria-label={`${title} on a page of its own`}>
              <Icon name="expand" />
            </Link>
          )}
        </div>
      </div>
      <div ref={setBody}>{isTable ? props.table() : props.children}</div>
    </figure>
  )
}

function useIsTable(name: string, state: 'url' | 'local'): [boolean, (isTable: boolean) => void] {
  const [view, setView] = useViewParameter(name)
  const [isLocalTable, setIsLocalTable] = useState(false)
  if (state === 'local') return [isLocalTable, setIsLocalTable]
  return [view === 'table', (isTable) => setView(isTable ? 'table' : null)]
}
