import { defineConfig } from 'vitest/config'

export default defineConfig({
  // Two copies of graphql in one process refuse each other's schemas.
  resolve: {
    dedupe: ['graphql'],
    alias: { graphql: new URL('./node_modules/graphql/index.js', import.meta.url).pathname },
  },
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
