/**
 * Options of an LRUCache for up to `maxEntries` entries, which takes memory as entries come. With the option `max` it takes
 * memory for all of them when it is made.
 */
export const growingTo = (maxEntries: number) => ({ maxSize: maxEntries, sizeCalculation: () => 1 })
