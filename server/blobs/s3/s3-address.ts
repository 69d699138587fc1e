/** Where objects are, of `s3://BUCKET/PREFIX?endpoint=…`. */
export type S3Place = {
  bucket: string
  /** Before the key of each object: empty, or with a slash at its end. */
  prefix: string
  /** Null: Amazon's, of the region. */
  endpoint: string | null
  /** The endpoint as browsers reach it, for redirects. Null: the same. */
  publicEndpoint: string | null
  region: string
  /** `endpoint/bucket/key` instead of `bucket.endpoint/key`. */
  isPathStyle: boolean
}

const parameters = ['endpoint', 'public-endpoint', 'region', 'path-style']

/** Whether a text is meant as an address of objects, and not as a path. */
export const isS3Address = (text: string): boolean => text.startsWith('s3://')

/** What is wrong with an address `s3://BUCKET/PREFIX?endpoint=URL&region=NAME&path-style=1`; null: nothing. */
export function s3AddressFault(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url?.protocol !== 's3:') return 'it must be an address such as s3://BUCKET/PREFIX?endpoint=https://HOST'
  if (url.username !== '' || url.password !== '')
    return 'keys do not belong in the address: give them by --s3-credentials-file, or by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/.test(url.hostname) || url.port !== '')
    return 'after s3:// it must have the name of a bucket'
  // As it is written: in a URL, `..` and `%2e%2e` would be taken for the folder above.
  const [, path = ''] = /^s3:\/\/[^/?#]*\/?([^?]*)/.exec(text) ?? []
  if (!/^[A-Za-z0-9._/-]*$/.test(path))
    return 'its prefix must have letters, digits, dots, hyphens, underscores and slashes only'
  if (
    path !== '' &&
    path
      .replace(/\/$/, '')
      .split('/')
      .some((part) => /^\.{0,2}$/.test(part))
  )
    return 'the parts of its prefix must have names'
  for (const [name, value] of url.searchParams) {
    if (!parameters.includes(name)) return `it has the parameter ${name}; known are ${parameters.join(', ')}`
    if (name.endsWith('endpoint') && !isHttpAddress(value))
      return `its ${name} must be an http or https address without a path`
    if (name === 'region' && !/^[\w-]+$/.test(value)) return 'its region must be a name'
    if (name === 'path-style' && !/^[01]$/.test(value)) return 'its path-style must be 1 or 0'
  }
  return null
}

function isHttpAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname, search, username, hash } = new URL(text)
  return /^https?:$/.test(protocol) && pathname === '/' && search === '' && hash === '' && username === ''
}

/** Throws when `s3AddressFault` finds one. */
export function parseS3Address(text: string): S3Place {
  const fault = s3AddressFault(text)
  if (fault !== null) throw new Error(`${text}: ${fault}`)
  const { hostname, pathname, searchParams } = new URL(text)
  const prefix = pathname.replace(/^\/|\/$/g, '')
  const endpoint = searchParams.get('endpoint')
  const style = searchParams.get('path-style')
  return {
    bucket: hostname,
    prefix: prefix === '' ? '' : `${prefix}/`,
    endpoint,
    publicEndpoint: searchParams.get('public-endpoint'),
    region: searchParams.get('region') ?? 'us-east-1',
    // Servers of one's own rarely have a name for each bucket.
    isPathStyle: style === null ? endpoint !== null : style === '1',
  }
}

/** E.g. `s3://hub/site`. */
export const nameOfPlace = ({ bucket, prefix }: S3Place): string =>
  `s3://${bucket}/${prefix.replace(/\/$/, '')}`
