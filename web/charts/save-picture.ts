import { type Legend, standaloneSvg } from './standalone-svg.ts'

/** Pixels of a saved PNG for each CSS pixel. */
export const pngScale = 2

/** Saves a file on the reader's device. `name` includes the extension. */
export function saveFile(content: BlobPart, type: string, name: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser reads it after this function has ended.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export function saveAsSvg(drawing: SVGSVGElement, legend: Legend, name: string): void {
  const text = new XMLSerializer().serializeToString(standaloneSvg(drawing, legend))
  saveFile(`<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`, 'image/svg+xml', name)
}

/** Renders an SVG as PNG. Throws if the canvas exceeds a limit of the browser. */
export async function saveAsPng(drawing: SVGSVGElement, legend: Legend, name: string): Promise<void> {
  const svg = standaloneSvg(drawing, legend)
  const image = new Image()
  // Not a blob: URL, which the content security policy refuses for images.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`
  await image.decode()
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(svg.viewBox.baseVal.width * pngScale)
  canvas.height = Math.round(svg.viewBox.baseVal.height * pngScale)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'))
  if (!blob) throw new Error('this browser makes no PNG of that size')
  saveFile(blob, 'image/png', name)
}

/** A PNG of a canvas that was drawn with `pngScale`. */
export function wrapCanvas(canvas: HTMLCanvasElement): SVGSVGElement {
  const namespace = 'http://www.w3.org/2000/svg'
  const [width, height] = [canvas.width / pngScale, canvas.height / pngScale]
  const svg = document.createElementNS(namespace, 'svg')
  svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
  const image = document.createElementNS(namespace, 'image')
  image.setAttribute('width', String(width))
  image.setAttribute('height', String(height))
  image.setAttribute('href', canvas.toDataURL('image/png'))
  svg.append(image)
  return svg
}
