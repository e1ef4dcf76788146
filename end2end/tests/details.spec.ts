import { type Locator, type Page } from '@playwright/test'
import { become, expect, range, test, truth } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
})

const details = `/?tab=details&${range}`
const charts = [
  'Failed Phone Authentications by Phone Number – Time Chart',
  'Failed Phone Authentications by flow – Time Chart',
  'Failed Phone Authentications by IP Address – Time Chart',
] as const

function tile(page: Page, name: string): Locator {
  return page.getByRole('region', { name, exact: true })
}

/** The number of rows in a tile's pager. */
async function told(of: Locator): Promise<number> {
  const text = (await of.locator('[data-shown]').textContent()) ?? ''
  return Number(text.split(' of ')[1]?.replaceAll(',', ''))
}

/** The sum of a chart's legend. */
async function drawn(of: Locator): Promise<number> {
  const counts = await of.locator('.legend .legend-count').allTextContents()
  return counts.reduce((sum, count) => sum + Number(count.replaceAll(',', '')), 0)
}

test('every tile of the tab counts the same failures', async ({ page }) => {
  await page.goto(details)
  await expect(page.getByRole('tab', { name: 'Details' })).toHaveAttribute('aria-selected', 'true')
  expect(await told(tile(page, 'Failed Phone Authentications by flow'))).toBe(truth.all.total)
  for (const name of charts) expect(await drawn(tile(page, name))).toBe(truth.all.total)
  await expect(page.getByText('all channels, no further filter; charts by hour')).toBeVisible()
})

test('choosing a number lists its failures and filters every tile', async ({ page }) => {
  await page.goto(details)
  const events = tile(page, 'Failures of the chosen number')
  await expect(events).toContainText('No number is chosen')
  const select = tile(page, 'Select Phone Number')
  const row = select.locator('tbody tr').filter({ hasText: '+' }).first()
  const number = ((await row.locator('td').first().textContent()) ?? '').trim()
  const count = Number(await row.locator('.count').textContent())
  await row.getByRole('link', { name: number }).click()

  await expect(page).toHaveURL(/[?&]number=n_/)
  await expect(page).toHaveURL(/[?&]tab=details/)
  await expect(page.getByRole('link', { name: `Remove the filter Number ${number}` })).toBeVisible()
  expect(await told(events)).toBe(count)
  expect(await told(tile(page, 'Failed Phone Authentications by flow'))).toBe(count)
  for (const name of charts) expect(await drawn(tile(page, name))).toBe(count)
  await expect(events.getByRole('columnheader')).toHaveText([
    'Time',
    'Correlation id',
    'Reason',
    'Method',
    'Flow',
    'Operation',
  ])
  // A row's time leads to its attempt.
  await events.locator('tbody tr').first().getByRole('link').first().click()
  await expect(page).toHaveURL(/\/attempts\//)
})

test('blocked for reputation only: the numbers of the original workbook', async ({ page }) => {
  await page.goto(`${details}&channel=voice`)
  await page.getByRole('switch', { name: 'Blocked for reputation only' }).click()
  await expect(page).toHaveURL(/reason=blocked_reputation/)
  await expect(page.getByRole('switch', { name: 'Blocked for reputation only' })).toHaveAttribute(
    'aria-checked',
    'true',
  )
  const blocked = Object.values(truth.voice['blocked-numbers']).reduce((sum, count) => sum + count, 0)
  expect(await told(tile(page, 'Failed Phone Authentications by flow'))).toBe(blocked)
  expect(await told(tile(page, 'Select Phone Number'))).toBe(Object.keys(truth.voice['blocked-numbers']).length)
  await page.getByRole('switch', { name: 'Blocked for reputation only' }).click()
  await expect(page).not.toHaveURL(/reason=/)
})

test('the time step can be chosen, and too many steps show a message', async ({ page }) => {
  await page.goto(details)
  await page.locator('summary').filter({ hasText: 'Steps of the charts' }).click()
  await page.getByRole('link', { name: 'By day', exact: true }).click()
  await expect(page).toHaveURL(/bucket=1d/)
  await expect(page.getByText('charts by day.')).toBeVisible()
  await page.goto(`${details}&bucket=1m`)
  await expect(page.getByText('too many for this range')).toBeVisible()
  await expect(page.getByText('charts by hour.')).toBeVisible()
})

test('rows can be sorted, searched and paged; a chart shows its numbers', async ({ page }) => {
  await page.goto(details)
  const rows = tile(page, 'Failed Phone Authentications by flow')
  await rows.getByRole('link', { name: 'Next page' }).click()
  await expect(rows.locator('[data-shown]')).toContainText('11–20 of')
  await rows.getByRole('columnheader', { name: 'IP address' }).getByRole('link').click()
  await expect(rows.getByRole('columnheader', { name: 'IP address' })).toHaveAttribute('aria-sort', 'ascending')
  await rows.getByRole('searchbox').fill('bad reputation')
  await rows.getByRole('searchbox').press('Enter')
  const blocked = truth.all['failure-reasons']['Phone number has bad reputation, blocking.']
  await expect(rows.locator('[data-shown]')).toContainText(`of ${blocked}`)

  const chart = tile(page, charts[1])
  await chart.getByRole('link', { name: 'Table' }).click()
  await expect(chart.getByRole('table')).toBeVisible()
  await expect(page).toHaveURL(/failures-by-flow\.view=table/)
})

test('a named flow shows its name on tiles, legends and chips', async ({ page }) => {
  await page.goto('/settings?tab=names')
  const id = 'B2C_1A_signup_signin'
  // The log is older than the flows that are listed by default.
  const flows = page.getByRole('region', { name: 'Flows' })
  await flows.getByLabel('Id of another flow').fill(id)
  await flows.getByLabel('Its name').fill('x'.repeat(81))
  await page.getByRole('button', { name: 'Save names' }).click()
  await expect(flows.getByText('at most 80 letters')).toBeVisible()
  await expect(flows.getByLabel('Id of another flow')).toHaveValue(id)
  await flows.getByLabel('Its name').fill('Sign-up and sign-in')
  await page.getByRole('button', { name: 'Save names' }).click()
  await expect(page.getByText('Names saved')).toBeVisible()

  await page.goto(details)
  const legend = tile(page, charts[1])
  await legend.getByRole('link', { name: 'Sign-up and sign-in' }).click()
  await expect(page).toHaveURL(new RegExp(`flow=${id}`))
  await expect(page.getByRole('link', { name: 'Remove the filter Flow Sign-up and sign-in' })).toBeVisible()

  // Other tests use the ids of flows.
  await page.goto('/settings?tab=names')
  await page.getByLabel(id, { exact: true }).fill('')
  await page.getByRole('button', { name: 'Save names' }).click()
  await expect(page.getByText('Names saved')).toBeVisible()
})

test('an auditor chooses numbers by their masks', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(details)
  const select = tile(page, 'Select Phone Number')
  await select
    .getByRole('link', { name: /^\+37125••••/ })
    .first()
    .click()
  await expect(page).toHaveURL(/number=n_/)
  await expect(tile(page, 'Failures of the chosen number')).toContainText('+37125••••')
  await expect(page.locator('main')).not.toContainText(/\+371258\d{5}/)
})
