import { type Page } from '@playwright/test'
import { become, expect, range, test, truth } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
})

/** Opens the page of the newest number that the provider blocked, from the sign-in log. */
async function openNumber(page: Page): Promise<string> {
  await page.goto(`/sign-ins?${range}&outcome=blocked`)
  const row = page.getByRole('table', { name: 'Attempts, newest first' }).locator('tbody tr').first()
  const link = row.locator('a[href^="/numbers/"]')
  const name = (await link.textContent()) ?? ''
  await link.click()
  await expect(page).toHaveURL(/\/numbers\/n_/)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(name)
  await page.goto(`${new URL(page.url()).pathname}?${range}`)
  return name
}

test('the log leads to a number, which leads to its neighbour', async ({ page }) => {
  const name = await openNumber(page)
  expect(page.url()).not.toContain(name.replace(/\D/g, ''))
  await expect(page.getByText(/\d+ adjacent numbers? failed in the same hour/).first()).toBeVisible()
  await expect(page.getByRole('region', { name: 'Facts' })).toContainText('Latvia (LV), +371')
  await expect(page.getByRole('region', { name: 'Figures' })).toContainText('Failed')

  const story = page.getByRole('region', { name: 'Attempts and their events' })
  await expect(story.getByText('from b2c').first()).toBeVisible()
  await expect(story.getByRole('link', { name: 'View attempt' }).first()).toHaveAttribute('href', /^\/attempts\//)

  const neighbours = page.getByRole('table', { name: /^Neighbours that failed/ })
  const neighbour = neighbours.locator('tbody tr').first().getByRole('link')
  const other = (await neighbour.textContent()) ?? ''
  expect(other.slice(0, 8)).toBe(name.slice(0, 8))
  await neighbour.click()
  await expect(page.getByRole('heading', { level: 1 })).toContainText(other)
})

test('an address has a timeline, which zooms to a part of the range', async ({ page }) => {
  const [ip] = Object.entries(truth.all['ip-failures']).sort(([, n], [, m]) => m - n)[0]!
  await page.goto(`/ips/${ip}?${range}`)
  const strip = page.getByRole('region', { name: 'Timeline' })
  const figures = page.getByRole('region', { name: 'Figures' })
  const figure = figures
    .locator('div')
    .filter({ has: page.locator('dt', { hasText: /^Failed$/ }) })
    .locator('dd')
  const failed = strip.locator('.strip-legend li').filter({ hasText: 'Failed' }).locator('.legend-count')
  await expect(failed).toHaveText((await figure.textContent())!)
  // Enter the range by typing, as without JavaScript.
  await strip.getByText('Numbers of the timeline').click()
  await strip.getByLabel(/^End/).fill('2020-12-02T00:00:00')
  await strip.getByRole('button', { name: 'Show' }).click()
  await expect(page).toHaveURL(new RegExp(`/ips/${ip.replace(/[.]/g, '\\.')}\\?.*to=2020-12-02`))
  await expect(failed).toHaveText((await figure.textContent())!)
  await page.getByRole('link', { name: 'Zoom out' }).click()
  await expect(page).toHaveURL(/range=/)
})

test('the hour leads to the workbook of that hour', async ({ page }) => {
  await openNumber(page)
  await page
    .getByRole('link', { name: /to \d\d:00 UTC/ })
    .first()
    .click()
  await expect(page).toHaveURL(/\?from=2020-12-0\dT\d\d%3A00%3A00Z&to=/)
  await expect(page.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()
})

test('the page of a number can block its block of numbers', async ({ page }) => {
  const name = await openNumber(page)
  const block = `${name.slice(0, -4)}xxxx`
  await page.getByRole('link', { name: `Block ${block}` }).click()
  await expect(page).toHaveURL(/of=n_.*open=4#block$/)
  await expect(page.getByLabel('User, number, block of numbers, IP address or network')).toHaveValue(block)
})

test('the page of an address shows its numbers, users and neighbours', async ({ page }) => {
  const [ip, count] = Object.entries(truth.all['ip-failures']).sort(([, n], [, m]) => m - n)[0]!
  await page.goto(`/ips/${ip}?${range}`)
  await expect(page.getByRole('heading', { level: 1 })).toContainText(ip)
  await expect(page.getByText(/other address(es)? of its network failed in the same hour/).first()).toBeVisible()
  const numbers = page.getByRole('region', { name: 'Numbers' })
  await expect(numbers.locator('tbody tr')).toHaveCount(20)
  await expect(numbers).toContainText('more')
  expect(count).toBeGreaterThan(100)
  await page.getByRole('region', { name: 'Attempts and their events' }).getByRole('link', { name: 'Older' }).click()
  await expect(page).toHaveURL(/before=.*#story$/)
  await page.getByRole('link', { name: 'Its attempts in the log' }).click()
  await expect(page).toHaveURL(/\/sign-ins\?ip=/)
})

test('the log leads to the page of a user', async ({ page }) => {
  await page.goto(`/sign-ins?${range}`)
  await page.locator('td a[href^="/users/"]').first().click()
  await expect(page).toHaveURL(/\/users\/u_/)
  await expect(page.getByRole('region', { name: 'Blocks and bypasses' })).toContainText('Never blocked')
})

test('an auditor sees masks, and one full number with a reason', async ({ page }) => {
  await become(page, 'auditor')
  await openNumber(page)
  expect(await page.content()).not.toMatch(/\+371\d{8}/)
  await expect(page.getByRole('link', { name: /^Block / })).toHaveCount(0)
  await page.getByText('Show the full number').click()
  await page.getByRole('textbox', { name: 'Reason' }).fill('The user calls')
  await page.getByRole('button', { name: 'Show the number' }).click()
  await expect(page).toHaveURL(/\/numbers\/n_/)
  await expect(page.getByText('The audit log records that you saw it, and why.')).toBeVisible()
})

test.describe('bad URLs', () => {
  test.use({ expected: /status of (400|404)/ })

  test('say why they are wrong', async ({ page }) => {
    for (const [path, words] of [
      ['/numbers/n_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 'was made by another store'],
      ['/numbers/4915112345678', 'never the digits'],
      ['/users/nobody', 'does not lead to a user'],
      ['/ips/300.1.2.3', 'is not an IP address'],
    ] as const) {
      await page.goto(path)
      await expect(page.getByText(words)).toBeVisible()
    }
  })
})
