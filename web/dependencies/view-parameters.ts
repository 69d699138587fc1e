/** Names the chosen package: `?package=dns`. */
export const packageParameter = 'package'

/** Says that the table is shown: `?packages=table`. */
export const viewParameter = 'packages'
