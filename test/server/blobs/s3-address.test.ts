import { expect, test } from 'vitest'
import { nameOfPlace, parseS3Address, s3AddressFault } from '../../../server/blobs/s3/s3-address.ts'

test('an address has a bucket, a prefix and where they are', () => {
  expect(parseS3Address('s3://hub/sites/one?endpoint=https://s3.example.org&region=eu-1')).toEqual({
    bucket: 'hub',
    prefix: 'sites/one/',
    endpoint: 'https://s3.example.org',
    publicEndpoint: null,
    region: 'eu-1',
    isPathStyle: true,
  })
  expect(parseS3Address('s3://hub')).toMatchObject({ prefix: '', endpoint: null, isPathStyle: false })
  expect(
    parseS3Address(
      's3://hub/?endpoint=http://[::1]:9000&path-style=0&public-endpoint=https://files.example.org',
    ),
  ).toMatchObject({ prefix: '', isPathStyle: false, publicEndpoint: 'https://files.example.org' })
  expect(nameOfPlace(parseS3Address('s3://hub/one/?region=eu-1'))).toBe('s3://hub/one')
})

test.each([
  ['', 'such as s3://BUCKET'],
  ['/var/backup', 'such as s3://BUCKET'],
  ['https://hub/one', 'such as s3://BUCKET'],
  ['s3://', 'name of a bucket'],
  ['s3://b', 'name of a bucket'],
  ['s3://hub:80/one', 'name of a bucket'],
  ['s3://key:secret@hub/one', '--s3-credentials-file'],
  ['s3://hub//one', 'parts of its prefix'],
  ['s3://hub/one//', 'parts of its prefix'],
  ['s3://hub/a b', 'letters, digits'],
  ['s3://hub/%2e%2e/a', 'letters, digits'],
  ['s3://hub/../a', 'parts of its prefix'],
  ['s3://hub/one?endpont=https://a', 'it has the parameter endpont; known are endpoint'],
  ['s3://hub/one?endpoint=s3.example.org', 'its endpoint must be an http or https address'],
  ['s3://hub/one?endpoint=https://a/path', 'without a path'],
  ['s3://hub/one?public-endpoint=ftp://a', 'its public-endpoint must be'],
  ['s3://hub/one?region=a/b', 'its region'],
  ['s3://hub/one?path-style=yes', 'its path-style must be 1 or 0'],
])('%j is refused', (address, why) => {
  expect(s3AddressFault(address)).toContain(why)
  expect(() => parseS3Address(address)).toThrow(why)
})
