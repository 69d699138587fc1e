import { existsSync } from 'node:fs'
import { defineConfig } from '@playwright/test'

/** Debian's packages. The one without a window draws the same in half of the time. */
const browsers = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

const site = 'node scripts/e2e-site.mjs 0'

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  fullyParallel: true,
  // Two cores, one of them the servers'.
  workers: 2,
  forbidOnly: Boolean(process.env['CI']),
  // On a busy machine a browser may be late once. Who passes only then is counted and named as flaky.
  retries: process.env['CI'] ? 1 : 0,
  // For a machine that is ten times slower than the ones it was written on.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    // A context of its own would read and compile the application anew for each test. Between tests Playwright takes away
    // what a test has left: storage, permissions, routes, the size and the colours of the screen.
    reuseContext: true,
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? browsers.find(existsSync),
      args: [
        '--no-sandbox',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
        '--disable-quic',
        '--disable-gpu',
      ],
    },
  },
  // Each takes a free port and prints it; Playwright puts it into the environment of the tests.
  webServer: [
    { command: site, wait: { stdout: /site ready at http:\/\/127\.0\.0\.1:(?<site_port>\d+)/ } },
    {
      command: `${site} --empty`,
      wait: { stdout: /site ready at http:\/\/127\.0\.0\.1:(?<empty_site_port>\d+)/ },
    },
  ].map((server) => ({
    ...server,
    timeout: 600_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 30_000 },
  })),
})
