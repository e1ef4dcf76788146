import AxeBuilder from '@axe-core/playwright'
import { type Cookie, type Locator, type Page, expect, test as base } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Server, password } from './server.ts'

export { expect, password, Server }

const samples = resolve(import.meta.dirname, '../../testdata/b2c')

/** The sample log, as Microsoft exports it. */
export const log = gunzipSync(readFileSync(`${samples}/la.csv.gz`))

type Counts = Record<string, number>
interface Truth {
  total: number
  'failure-reasons': Counts
  'blocked-numbers': Counts
  'ip-failures': Counts
  'number-ip-failures': Counts
  browsers: Counts
  'operating-systems': Counts
}

/** The counts in the log: only calls, and all channels. */
export const truth: { voice: Truth; all: Truth; from: string; to: string } = JSON.parse(
  readFileSync(`${samples}/truth.json`, 'utf8'),
)

/** The workbook's range for the days of the sample log. */
export const range = `from=${truth.from}&to=${truth.to}`

/** The Overview's tiles: their word in URLs and their name. */
export const tiles = [
  ['failure-reasons', 'Phone Authentication Failure Reasons'],
  ['number-ip-failures', 'Phone Number Failures Per IP Address'],
  ['blocked-numbers', 'Blocked Phone Number Listing'],
  ['ip-failures', 'IP Address – Failed Phone Authentications'],
  ['browsers', 'Phone Failures – Client Browsers'],
  ['operating-systems', 'Phone Failures – Client Operating Systems'],
] as const

/** Sorts rows as pages do: largest first, then by name. */
export function ordered(counts: Counts): [string, number][] {
  const before = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
  return Object.entries(counts).sort(([a, n], [b, m]) => m - n || before(a, b))
}

export const roles = ['admin', 'security-lead', 'auditor'] as const
export type Role = (typeof roles)[number]

export function email(role: Role): string {
  return `${role}@tollwarden.example`
}

/** One session for each role, because signing in takes a second. After ten minutes the console asks
 * for the password again in some forms, so a session is used for eight minutes. */
const sessions = new Map<Role, { cookies: Cookie[]; until: number }>()
const fresh = 8 * 60_000

/** Signs the page in with this role. Do not sign out: other tests use the same session. */
export async function become(page: Page, role: Role): Promise<void> {
  const known = sessions.get(role)
  await page.context().clearCookies()
  if (known && Date.now() < known.until) {
    await page.context().addCookies(known.cookies)
  } else {
    await signIn(page, role)
    sessions.set(role, { cookies: await page.context().cookies(), until: Date.now() + fresh })
  }
}

/** Signs in through the form. */
export async function signIn(page: Page, role: Role): Promise<void> {
  await page.goto('/sign-in')
  await enter(page, email(role))
  await expect(page.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()
}

/** Submits the sign-in form, which the page shows. */
export async function enter(page: Page, address: string, word = password): Promise<void> {
  await fill(page, { 'E-mail': address, Password: word })
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Fills the fields with these labels. */
export async function fill(form: Locator | Page, values: Record<string, string>): Promise<void> {
  for (const [label, value] of Object.entries(values)) await form.getByLabel(label).fill(value)
}

/** A tile of the workbook. */
export function tile(page: Page, name: string): Locator {
  return page.getByRole('region', { name })
}

/** The file that a click on this downloads. */
export async function downloaded(page: Page, button: Locator): Promise<{ name: string; bytes: Buffer }> {
  const download = page.waitForEvent('download')
  await button.click()
  const file = await download
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) }
}

/** Checks the page for violations of accessibility rules. */
export async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  const said = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join('\n  ')}`,
  )
  expect(said).toEqual([])
}

/** Checks that the page is not wider than the window. */
export async function expectToFit(page: Page): Promise<void> {
  const { scroll, width } = await page.evaluate(() => ({
    scroll: document.documentElement.scrollWidth,
    width: document.documentElement.clientWidth,
  }))
  expect(scroll, page.url()).toBeLessThanOrEqual(width)
}

/** Waits until the islands are hydrated. Only with JavaScript on. */
export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator('html')).toHaveAttribute('data-script', '')
}

interface Fixtures {
  /** Messages on the browser's console that a test causes on purpose. */
  expected: RegExp
  /** A new server without accounts, only for this test. */
  newServer: Server
  complaints: undefined
}

interface WorkerFixtures {
  /** A server with three accounts and the sample log, for all tests of a worker. */
  server: Server
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  expected: [/^$/, { option: true }],

  server: [
    async ({}, use) => {
      const server = Server.fresh()
      for (const role of roles) await server.addUser(email(role), role)
      const key = await server.run(['key', 'create', '--name', 'b2c', '--scope', 'events:write'])
      await server.start()
      const answer = await fetch(`${server.url}/api/v1/sources/azure`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key.trim()}`, 'content-type': 'text/csv' },
        body: new Uint8Array(log),
      })
      if (!answer.ok) throw new Error(`the sample log: ${answer.status} ${await answer.text()}`)
      await use(server)
      await server.stop()
    },
    { scope: 'worker', timeout: 60_000 },
  ],

  // Do not use `page` here: in some test files its base URL is this server's.
  newServer: async ({ browser }, use) => {
    const server = await Server.fresh().start()
    await use(server)
    // A live page would log an error when its server is gone.
    for (const page of browser.contexts().flatMap((context) => context.pages())) await page.goto('about:blank')
    await server.stop()
  },

  baseURL: async ({ server }, use) => {
    await use(server.url)
  },

  // In every test: no errors on the console (including those of the Content-Security-Policy), no
  // uncaught exceptions, and nothing that fails to load.
  complaints: [
    async ({ page, expected, javaScriptEnabled }, use) => {
      const complaints: string[] = []
      // Without JavaScript nothing uses the preloaded script, and the browser warns about that.
      const idle = javaScriptEnabled ? /$^/ : /was preloaded using link preload but not used/
      const add = (text: string) => {
        if (!expected.test(text) && !idle.test(text)) complaints.push(text)
      }
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) add(`${message.text()} (${message.location().url})`)
      })
      page.on('pageerror', (error) => add(String(error)))
      page.on('response', (response) => {
        if (response.status() >= 500) add(`${response.status()} ${response.url()}`)
      })
      await use(undefined)
      expect(complaints).toEqual([])
    },
    { auto: true },
  ],
})

/** Tests on a new server with one account, signed in, and a key that sends events. */
export function onNewServer(role: Role) {
  return test.extend<{ key: string }>({
    key: async ({ newServer, page, baseURL: _ }, use) => {
      await newServer.addUser(email(role), role)
      const key = await newServer.run(['key', 'create', '--name', 'idp', '--scope', 'events:write'])
      await signIn(page, role)
      await use(key.trim())
    },
    baseURL: async ({ newServer }, use) => {
      await use(newServer.url)
    },
  })
}

/** Sends failures that are one second old, with these further members. */
export async function sendFailures(server: Server, key: string, failures: object[]): Promise<void> {
  const time = new Date(Date.now() - 1_000).toISOString()
  const events = failures.map((more) => ({
    id: `failure-${Math.random()}`,
    time,
    kind: 'failed',
    reason: 'number_invalid',
    ...more,
  }))
  const answer = await fetch(`${server.url}/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  expect(answer.status, await answer.text()).toBe(200)
}
