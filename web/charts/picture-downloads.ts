import type { Download } from './DownloadMenu.tsx'
import type { PictureRow } from './picture-files.ts'
import type { Legend } from './standalone-svg.ts'

/** The data of a picture. `json` is for data that does not fit into rows, such as a graph; default: the rows. */
export type PictureData = { rows: readonly PictureRow[]; json?: unknown }

export type PictureSource = {
  fileName: readonly string[]
  data: () => PictureData | Promise<PictureData>
  drawCanvas?: (scale: number) => HTMLCanvasElement
  findDrawing: () => SVGSVGElement | null
  readLegend: () => Legend
}

// What makes files is loaded when somebody wants one.
const loadFiles = () => import('./picture-files.ts')
const loadSaving = () => import('./save-picture.ts')

export function dataDownloads({ fileName, data }: PictureSource): Download[] {
  return [
    {
      label: 'CSV',
      hint: 'data, for spreadsheets',
      async save() {
        const [{ toCsv, toFileName }, { saveFile }] = await Promise.all([loadFiles(), loadSaving()])
        saveFile(toCsv((await data()).rows), 'text/csv;charset=utf-8', `${toFileName(fileName)}.csv`)
      },
    },
    {
      label: 'JSON',
      hint: 'data, for programs',
      async save() {
        const [{ toFileName }, { saveFile }] = await Promise.all([loadFiles(), loadSaving()])
        const { rows, json = rows } = await data()
        saveFile(`${JSON.stringify(json, null, 2)}\n`, 'application/json', `${toFileName(fileName)}.json`)
      },
    },
  ]
}

/** Downloads of a picture as SVG and PNG; a canvas only as PNG. */
export function imageDownloads({ fileName, drawCanvas, findDrawing, readLegend }: PictureSource): Download[] {
  const png: Download = {
    label: 'PNG',
    hint: 'picture, for slides and messages',
    async save() {
      const [{ toFileName }, saving] = await Promise.all([loadFiles(), loadSaving()])
      const drawing = drawCanvas ? saving.wrapCanvas(drawCanvas(saving.pngScale)) : findDrawing()
      if (!drawing) throw new Error('it is not drawn yet')
      await saving.saveAsPng(drawing, readLegend(), `${toFileName(fileName)}.png`)
    },
  }
  if (drawCanvas) return [png]
  const svg: Download = {
    label: 'SVG',
    hint: 'picture, scales to any size',
    async save() {
      const [{ toFileName }, { saveAsSvg }] = await Promise.all([loadFiles(), loadSaving()])
      const drawing = findDrawing()
      if (!drawing) throw new Error('it is not drawn yet')
      saveAsSvg(drawing, readLegend(), `${toFileName(fileName)}.svg`)
    },
  }
  return [svg, png]
}
