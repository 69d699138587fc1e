// @vitest-environment jsdom
import { expect, test } from 'vitest'
import { MorePlatforms } from '../../../web/ui/MorePlatforms.tsx'
import { renderAt } from './render.tsx'

test.each([
  [12, ''],
  [13, '1 more platform is not listed'],
  [1_234, '1,222 more platforms are not listed'],
])('of %d platforms, twelve are listed: %j', (all, words) => {
  renderAt('/', <MorePlatforms all={all} listed={12} />)
  expect(document.body.textContent).toBe(words)
})
