/** One of two things that are compared. */
export type Side = 'left' | 'right'
