/** On pages with other pictures, the names of this one's parameters start so: `?size-at=ocaml`. */
export const sizePrefix = 'size-'

/** The picture's name in its page, and of the parameter that shows the table: `?treemap=table`. */
export const sizePictureName = 'treemap'

/** The parameters that only say how the picture is shown. */
export function sizeViewParameters(prefix: string): string[] {
  return [sizePictureName, ...['at', 'q', 'group', 'area', 'parts'].map((name) => prefix + name)]
}
