/** The heading of jobs without a section: on the home page, as in builder-web, and in policies. */
export const uncategorized = 'Uncategorized'
