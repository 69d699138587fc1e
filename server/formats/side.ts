/** Side of a comparison. */
export type Side = 'left' | 'right'
