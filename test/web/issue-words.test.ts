import { expect, test } from 'vitest'
import { dismissedWords, issueWords } from '../../web/advisories/issue-words.ts'

const contents = {
  componentCount: 81,
  unidentifiedCount: 0,
  openIssueCount: 0,
  settledIssueCount: 0,
  hasAdvisories: true,
}

test.each([
  [{}, 'No known issue in 81 packages', ''],
  [{ unidentifiedCount: 1 }, 'No known issue in 80 of 81 packages', '; 1 unidentified'],
  [{ hasAdvisories: false }, '81 packages in it', ''],
  [{ openIssueCount: 1 }, '1 known issue', ''],
  [{ settledIssueCount: 1 }, '1 known issue, dismissed by the operator', ''],
  [{ settledIssueCount: 2 }, '2 known issues, all dismissed by the operator', ''],
  [{ openIssueCount: 2, settledIssueCount: 1 }, '3 known issues, 1 of them dismissed by the operator', ''],
])('what is known of %j', (given, issues, rest) => {
  expect(issueWords({ ...contents, ...given })).toEqual({ issues, rest })
})

test('where nothing is dismissed, nothing is said of it', () => {
  expect(dismissedWords({ openIssueCount: 3, settledIssueCount: 0 })).toBeNull()
})
