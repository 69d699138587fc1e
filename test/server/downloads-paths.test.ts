import { expect, test } from 'vitest'
import { artifactPath, consolePath, jobPath, scriptPath } from '../../server/paths.ts'

const uuid = 'b0000000-0000-4000-8000-000000000001'

test('paths of URLs encode each segment', () => {
  expect(jobPath('a/b ?')).toBe('/job/a%2Fb%20%3F')
  expect(artifactPath('j', uuid, 'dir/100%/ü')).toBe(`/job/j/build/${uuid}/f/dir/100%25/%C3%BC`)
  expect(consolePath('é', uuid)).toBe(`/job/%C3%A9/build/${uuid}/console`)
  expect(scriptPath('a#b', uuid)).toBe(`/job/a%23b/build/${uuid}/script`)
})
