/** Names the chosen package: `?package=dns`. */
export const packageParameter = 'package'

/** Says that the table is shown: `?packages=table`. */
export const viewParameter = 'packages'

/** The text of the search for packages: `?packages-q=tls`. */
export const searchParameter = 'packages-q'

/** The column that the table is sorted by: `?packages-sort=name`. */
export const sortParameter = 'packages-sort'

/** Which packages the table has: `?packages-only=direct`. */
export const onlyParameter = 'packages-only'

/** The parameters that only say how the dependencies are shown. */
export const dependencyViewParameters = [
  packageParameter,
  viewParameter,
  searchParameter,
  sortParameter,
  onlyParameter,
]
