import { defineConfig, devices } from '@playwright/test'
import { existsSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'

/** The system's Chromium, because Playwright's own download is not available everywhere. */
function chromium(): string {
  const named = process.env.CHROMIUM
  if (named) return named
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const file = join(folder, 'chromium')
    if (existsSync(file)) return file
  }
  const unpacked = resolve(import.meta.dirname, '../.tools/chromium/chromium')
  if (existsSync(unpacked)) return unpacked
  throw new Error('Chromium is missing: run `make test`, or name the program in CHROMIUM')
}

const use = {
  ...devices['Desktop Chrome'],
  channel: undefined,
  locale: 'en-GB',
  timezoneId: 'UTC',
  trace: 'retain-on-failure' as const,
  launchOptions: {
    executablePath: chromium(),
    args: [
      // The sandbox does not run as root, and some systems forbid it to everybody. All pages are ours.
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  },
}

const projects = [
  { name: 'script on', use, testIgnore: '**/screenshots.spec.ts' },
  {
    name: 'script off',
    use: { ...use, javaScriptEnabled: false },
    testIgnore: ['**/*.hydrate.spec.ts', '**/screenshots.spec.ts'],
  },
]

export default defineConfig({
  testDir: 'tests',
  outputDir: '../target/end2end-results',
  fullyParallel: false,
  workers: 2,
  forbidOnly: process.env.CI !== undefined,
  retries: 0,
  timeout: 30_000,
  expect: { timeout: 10_000 },
  reporter: [['dot']],
  projects: process.env.SCREENSHOTS ? [{ name: 'screenshots', use, testMatch: '**/screenshots.spec.ts' }] : projects,
})
