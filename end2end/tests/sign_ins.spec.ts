import { type Page } from '@playwright/test'
import { become, expect, range, test, truth } from './fixtures.ts'

/** The full number of an attempt that the provider blocked. */
const phone = Object.keys(truth.all['blocked-numbers'])[0]!

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
})

function rows(page: Page) {
  return page.getByRole('table', { name: 'Attempts, newest first' }).locator('tbody tr')
}

test('the log can be filtered, and the URL contains handles instead of numbers', async ({ page }) => {
  await page.goto(`/sign-ins?${range}`)
  await expect(page.getByRole('heading', { level: 1, name: 'Sign-in log' })).toBeVisible()
  await expect(rows(page)).toHaveCount(50)

  await page.getByLabel('Number', { exact: true }).fill(phone)
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await expect(page).toHaveURL(/number=n_/)
  expect(page.url()).not.toContain(phone.slice(1))
  await expect(page.getByLabel('Number', { exact: true })).toHaveValue(phone)
  await expect(rows(page).first()).toContainText(phone)

  await page.getByRole('link', { name: /Remove the filter Number/ }).click()
  await page.getByLabel('Outcome').selectOption('Blocked')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await expect(page).toHaveURL(/outcome=blocked/)
  for (const row of await rows(page).all()) await expect(row).toContainText('Blocked')

  await page.goto(`/sign-ins?${range}&ip=203.0.113`)
  await expect(page.getByText('Must be an IPv4 or IPv6 address.')).toBeVisible()
  await expect(page.getByText('Nothing is shown, because a filter is not valid.')).toBeVisible()
})

test('paging goes back in time and forward again', async ({ page }) => {
  await page.goto(`/sign-ins?${range}`)
  const first = await rows(page).first().getByRole('rowheader').innerText()
  await page.getByRole('link', { name: 'Older' }).click()
  await expect(page).toHaveURL(/before=/)
  await expect(rows(page)).toHaveCount(50)
  await page.getByRole('link', { name: 'Newer' }).click()
  await expect(page).toHaveURL(/after=/)
  await expect(rows(page).first().getByRole('rowheader')).toHaveText(first)
})

test('an attempt shows its events, and leads to the sign-ins of its number', async ({ page }) => {
  await page.goto(`/sign-ins?${range}&outcome=blocked`)
  await rows(page).first().getByRole('rowheader').getByRole('link').click()
  await expect(page.getByRole('heading', { level: 1, name: 'Attempt' })).toBeVisible()
  await expect(page.getByRole('region', { name: 'Timeline' })).toContainText('from b2c')
  await page.getByRole('region', { name: 'Facts' }).getByRole('link', { name: 'Its sign-ins' }).first().click()
  await expect(page).toHaveURL(/number=n_/)
})

test('an auditor sees one full number at a time, with a reason', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(`/sign-ins?${range}&outcome=blocked`)
  await expect(page.getByLabel('Number', { exact: true })).toHaveCount(0)
  await rows(page).first().getByRole('rowheader').getByRole('link').click()
  expect(await page.content()).not.toMatch(/\+371\d{8}/)
  await page.getByText('Show the full number').click()
  await page.getByLabel('Reason').fill('The user calls')
  await page.getByRole('button', { name: 'Show the number' }).click()
  await expect(page.getByText('The audit log records that you saw it, and why.')).toBeVisible()
  expect(await page.content()).toMatch(/\+371\d{8}/)
  await page.reload()
  expect(await page.content()).not.toMatch(/\+371\d{8}/)
})

test('the help-desk search says why, and offers a bypass', async ({ page }) => {
  await page.goto('/')
  await page.getByRole('banner').getByRole('searchbox').fill(phone)
  await page.getByRole('banner').getByRole('searchbox').press('Enter')
  await expect(page.getByRole('heading', { level: 1, name: 'Help desk' })).toBeVisible()
  await expect(page).toHaveURL(/q=n_/)
  const answer = page.getByRole('region', { name: phone })
  await expect(answer).toContainText(`${phone} is not blocked`)

  await page.getByRole('searchbox').fill('help-desk@example.com')
  await page.getByRole('searchbox').press('Enter')
  await expect(page.getByText('No attempt of this name in the last 90 days.')).toBeVisible()
  await page.getByText('Let help-desk@example.com through once').click()
  await page.getByLabel('Reason').fill('  ')
  await page.getByRole('button', { name: 'Give a bypass' }).click()
  await expect(page.getByText('A reason is required; it is recorded.')).toBeVisible()
  await page.getByLabel('Reason').fill('Travels')
  await page.getByRole('button', { name: 'Give a bypass' }).click()
  await expect(page.getByText('help-desk@example.com is let through once')).toBeVisible()
  await expect(page.getByText('A one-time bypass of help-desk@example.com is open until')).toBeVisible()
})
