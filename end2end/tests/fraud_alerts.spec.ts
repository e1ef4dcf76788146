import { type APIRequestContext, type Page, request } from '@playwright/test'
import { become, expect, Server, test } from './fixtures.ts'

/** Creates a key with these scopes and returns a function that calls the API with it. */
async function api(server: Server, name: string, scope: string, ...more: string[]): Promise<APIRequestContext> {
  const key = await server.run(['key', 'create', '--name', name, '--scope', scope, ...more])
  return request.newContext({
    baseURL: server.url,
    extraHTTPHeaders: { authorization: `Bearer ${key.trim()}` },
  })
}

/** Opens a form behind a button, unless it is open. */
async function open(page: Page, name: string | RegExp): Promise<void> {
  const form = page
    .locator('details.act')
    .filter({ has: page.locator('summary', { hasText: name }) })
    .first()
  if ((await form.getAttribute('open')) === null) await form.locator('summary').click()
}

/** Saves the settings; the page then shows these words. */
async function save(page: Page, words: string): Promise<void> {
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText(words)).toBeVisible()
}

test.describe.configure({ mode: 'serial' })

/** The tests of a worker share a server, so each uses its own names. */
const user = `rita.${Date.now()}@customers.example`
const digits = `+371${String(Date.now()).slice(-6)}`

test('the code is set, a report comes in, the user is blocked and unblocked with a reason', async ({
  page,
  server,
}) => {
  await become(page, 'admin')
  await page.goto('/fraud-alerts?tab=settings')
  await expect(page.getByRole('tab', { name: 'Settings' })).toHaveAttribute('aria-selected', 'true')
  await page.getByLabel('Allow users to submit fraud alerts').check()
  await page.getByLabel('Automatically block users who report fraud').check()
  await page.getByLabel('Code to report fraud during initial greeting').fill('7a')
  await save(page, 'Must be 1 to 10 digits')
  await expect(page.getByLabel('Code to report fraud during initial greeting')).toHaveValue('7a')
  await page.getByLabel('Code to report fraud during initial greeting').fill('77')
  await save(page, 'Settings saved and active.')
  await expect(page.getByText('Fraud reports are accepted, but no recipient is notified of them.')).toBeVisible()

  const phone = await api(server, `phone ${user}`, 'reports:write')
  const report = { id: 'call-1', user, channel: 'voice', phone: '+14155552700', code: '77', ip: '203.0.113.7' }
  const wrong = await phone.post('/api/v1/fraud-reports', { data: { ...report, code: '0' } })
  expect(wrong.status()).toBe(422)
  const answer = await phone.post('/api/v1/fraud-reports', { data: report })
  expect(answer.status()).toBe(201)
  expect((await answer.json()).action).toBe('blocked')

  await page.goto('/fraud-alerts')
  const row = page.getByRole('row').filter({ hasText: user })
  await expect(row).toContainText('Blocked')
  await expect(row).toContainText('Not yet')
  await row.getByRole('link').first().click()
  await expect(page.getByRole('heading', { level: 1, name: 'Fraud report' })).toBeVisible()
  await expect(page.getByText('The user is blocked until')).toBeVisible()

  const reader = await api(server, `help ${user}`, 'blocks:read')
  const blocked = () => reader.get(`/api/v1/users/${encodeURIComponent(user)}/block`)
  expect((await (await blocked()).json()).blocked).toBe(true)

  await open(page, 'Unblock')
  await page.getByLabel('Reason').first().fill('called back, it was theirs')
  await page.getByRole('button', { name: 'Unblock' }).click()
  await expect(page.getByText('The user is not blocked.')).toBeVisible()
  expect(await (await blocked()).json()).toEqual({ blocked: false })

  await open(page, 'Mark as handled')
  await page.getByLabel('Note').fill('a <b>mistake</b>')
  await page.getByRole('button', { name: 'Mark as handled' }).click()
  await expect(page.getByText('Report marked as handled.')).toBeVisible()
  await expect(page.getByText('a <b>mistake</b>')).toBeVisible()

  await page.goto('/fraud-alerts?tab=blocked&state=ended')
  await expect(page.getByRole('row').filter({ hasText: user })).toContainText('called back, it was theirs')
})

test('a user must use another channel until a time', async ({ page, server }) => {
  await become(page, 'security-lead')
  await page.goto('/fraud-alerts')
  await page.getByRole('row').filter({ hasText: user }).getByRole('link').first().click()
  await open(page, 'Require another channel')
  const form = page.locator('form').filter({ has: page.getByLabel('Channel that is still offered') })
  await form.getByLabel('Channel that is still offered').selectOption('email')
  await form.getByLabel('Reason').fill('asked for a while')
  await form.getByRole('button', { name: 'Require another channel' }).click()
  await expect(page.getByText('The user is offered email only, until')).toBeVisible()
  const reader = await api(server, `middle ${user}`, 'blocks:read')
  const answer = await (await reader.get(`/api/v1/users/${encodeURIComponent(user)}/block`)).json()
  expect(answer).toMatchObject({ blocked: false, only_channel: 'email' })
})

test('if two admins save at the same time, both versions are shown', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/fraud-alerts?tab=settings')
  const other = await page.context().newPage()
  await other.goto('/fraud-alerts?tab=settings')
  await other.getByLabel('Days an automatic block lasts').fill('30')
  await save(other, 'Settings saved and active.')
  await other.close()
  await page.getByLabel('Days an automatic block lasts').fill('60')
  await save(page, 'Somebody else changed these settings in the meantime.')
  await expect(page.getByRole('row', { name: /Days an automatic block lasts/ })).toContainText('60 (differs)')
  await expect(page.getByLabel('Days an automatic block lasts')).toHaveValue('60')
  await save(page, 'Settings saved and active.')
  await page.getByRole('button', { name: 'Restore this' }).first().click()
  await expect(page.getByLabel('Days an automatic block lasts')).toHaveValue('30')
})

test('a pasted list: good lines are saved, bad lines are returned', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/fraud-alerts?tab=blocked')
  await open(page, 'Paste a list')
  const name = `list.${user}`
  await page.getByLabel('List', { exact: true }).fill(`${name}\n+12\n${digits}xx`)
  const form = page.locator('form').filter({ has: page.getByLabel('List', { exact: true }) })
  await form.getByLabel('Reason').fill('of an attack')
  await form.getByRole('button', { name: 'Block all of these' }).click()
  await expect(page.getByText('2 lines are blocked')).toBeVisible()
  await expect(page.getByText('“+12”:')).toBeVisible()
  await expect(page.getByLabel('List', { exact: true })).toHaveValue('+12')
  const row = page.getByRole('row').filter({ hasText: name })
  await expect(row).toContainText('of an attack')
  await row.locator('summary').click()
  await row.getByLabel('Reason').fill('not this one')
  await row.getByRole('button', { name: 'Unblock' }).click()
  await expect(page.getByText(`${name} is unblocked.`)).toBeVisible()
})

test('bypasses and names can be managed', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/fraud-alerts?tab=bypasses')
  await page.getByLabel('User or number', { exact: true }).fill(user)
  await page.getByLabel('Minutes').fill('99999')
  await page.getByLabel('Reason').first().fill('new phone')
  await page.getByRole('button', { name: 'Give a bypass' }).click()
  await expect(page.getByText('Must be a whole number from 1 to 10080 (7 days).')).toBeVisible()
  await expect(page.getByLabel('User or number', { exact: true })).toHaveValue(user)
  await page.getByLabel('Minutes').fill('15')
  await page.getByRole('button', { name: 'Give a bypass' }).click()
  await expect(page.getByText(`${user} is let through once.`)).toBeVisible()

  await page.goto('/fraud-alerts?tab=names')
  await page.getByLabel('Name', { exact: true }).fill(`id-${user}`)
  await page.getByLabel('Other name of the same user').fill(user)
  await page.getByRole('button', { name: 'Join', exact: true }).click()
  await expect(page.getByText(`id-${user} and ${user} are now names of one user.`)).toBeVisible()
})

test('only the users that the simulation attacked with prompts are marked', async ({ page, server }) => {
  const lines = await server.run([
    'simulate',
    '--events',
    '20000',
    '--days',
    '20',
    '--seed',
    '7',
    '--attack',
    'push-fatigue',
    '--start',
    new Date(Date.now() - 20 * 86_400_000).toISOString(),
  ])
  const events = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const attacks = events.filter((event) => event.extra.label === 'attack:push-fatigue')
  const worn = new Set<string>(attacks.filter((event) => event.kind === 'approved').map((event) => event.user))
  const asked = new Set<string>(attacks.map((event) => event.user))
  expect(worn.size).toBeGreaterThan(0)
  const sender = await api(server, `events ${user}`, 'events:write', '--source', 'b2c,entra,twilio')
  for (let at = 0; at < events.length; at += 5_000) {
    const answer = await sender.post('/api/v1/events', { data: events.slice(at, at + 5_000) })
    expect(answer.status()).toBe(200)
  }
  await become(page, 'auditor')
  await page.goto('/fraud-alerts')
  const section = page.getByRole('region', { name: 'Prompted until they approved' })
  const marked = new Set<string>()
  for (const row of await section.locator('tbody tr').all()) {
    await expect(row).toContainText(/MFA fatigue: \d+ prompts denied, then one approved/)
    marked.add((await row.getByRole('rowheader').innerText()).trim())
  }
  for (const name of worn) expect(marked).toContain(name)
  for (const name of marked) expect(asked).toContain(name)
})

test('an auditor can read but not change anything', async ({ page }) => {
  await become(page, 'auditor')
  for (const path of ['/fraud-alerts', '/fraud-alerts?tab=settings', '/fraud-alerts?tab=blocked']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1, name: 'Fraud alerts' })).toBeVisible()
    await expect(page.locator('main form[method=post]')).toHaveCount(0)
  }
  expect(await page.content()).not.toContain(digits)
})
