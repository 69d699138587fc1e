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
    globalSetup: ['scripts/vitest-setup.mjs'],
    // For a machine that is ten times slower than the ones they were written on.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    maxWorkers: 2,
  },
})
