import { expect, test } from 'vitest'
import { readDetail } from '../../../web/admin/read-detail.ts'

test.each([
  ['{"job":"zone-tool","platform":"debian-12"}', 'job: zone-tool, platform: debian-12'],
  ['{"scopes":["read","upload:*"],"networks":null}', 'scopes: read upload:*, networks: none'],
  ['{"isEnabled":false,"count":3,"more":{"a":[1]}}', 'isEnabled: no, count: 3, more: {"a":[1]}'],
  ['[1,2]', '[1,2]'],
  ['no JSON', 'no JSON'],
])('%s reads as %s', (detail, words) => {
  expect(readDetail(detail)).toBe(words)
})
