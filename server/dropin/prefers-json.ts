/**
 * Whether a request's `Accept` asks for builder-web's JSON: it names `application/json` with no lower
 * quality than `text/html`. Everything else (a browser, a link preview, any type) gets the page.
 * Source: spec/drop-in.md, "URLs"; RFC 9110 §12.5.1.
 */
export function prefersJson(accept: string | undefined): boolean {
  const json = qualityOf(accept, 'application/json')
  return json > 0 && json >= qualityOf(accept, 'text/html')
}

/** What is given to a media type by its own name, from 0 to 1; 0 when it is not named. */
function qualityOf(accept: string | undefined, mediaType: string): number {
  for (const range of accept?.toLowerCase().split(',') ?? []) {
    const [name, ...parameters] = range.split(';').map((part) => part.trim())
    if (name !== mediaType) continue
    const [, quality = '1'] = /^q=([\d.]+)$/.exec(parameters.find((one) => one.startsWith('q=')) ?? '') ?? []
    return Number(quality)
  }
  return 0
}
