import type { Page } from '@playwright/test'
import { become, downloaded, expect, fill, range, test } from './fixtures.ts'

const path = '/reports'

/** The file that the form downloads. */
const exported = (page: Page) => downloaded(page, page.getByRole('button', { name: 'Download' }))

test('every report has a form and can be downloaded in every format', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(path)
  await expect(page.getByRole('heading', { level: 1, name: 'Reports' })).toBeVisible()
  const list = page.getByRole('navigation', { name: 'Reports' })
  await expect(list.getByRole('link')).toHaveCount(16)
  await list.getByRole('link', { name: /^Failures by IP address Addresses/ }).click()
  await expect(page).toHaveURL(/report=ip-failures/)
  await fill(page, { 'From (UTC)': '2020-12-01T00:00:00', 'To (UTC)': '2020-12-05T00:00:00' })
  for (const [format, begins] of [
    // With the byte-order mark that tells Excel it is UTF-8.
    ['csv', '\xef\xbb\xbfip,count\r\n'],
    ['json', '[{"ip":'],
    ['xlsx', 'PK'],
    ['pdf', '%PDF-'],
  ] as const) {
    await page.getByLabel('Format').selectOption(format)
    const file = await exported(page)
    expect(file.name).toBe(`ip-failures.${format}`)
    expect(file.bytes.subarray(0, begins.length).toString('latin1')).toBe(begins)
  }
  await page.reload()
  const recent = page.getByRole('table', { name: 'Recent exports' })
  await expect(recent.locator('tbody tr').first()).toContainText('ip-failures')
  await expect(recent.locator('tbody tr').first()).toContainText('pdf')
  await expect(recent.locator('tbody tr').first()).toContainText('2020-12-01 00:00 – 2020-12-05 00:00')
})

test('a refused form keeps its values and shows the errors beside them', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(`${path}?report=attempts`)
  await fill(page, { 'From (UTC)': '2020-12-05T00:00:00', 'To (UTC)': '2020-12-01T00:00:00' })
  await fill(page, { 'IP address': '1.2.3', Flow: 'B2C_1A_"%' })
  await page.getByRole('button', { name: 'Download' }).click()
  await expect(page).toHaveURL(/refused=values/)
  await expect(page.getByText('Must be earlier than the end of the range')).toBeVisible()
  await expect(page.getByText('Must be an IPv4 or IPv6 address')).toBeVisible()
  await expect(page.getByLabel('IP address')).toHaveValue('1.2.3')
  await expect(page.getByLabel('Flow')).toHaveValue('B2C_1A_"%')
})

test('an auditor exports masks, and the page says so', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(`${path}?report=blocked-numbers&${range}`)
  await expect(page.getByText('Phone numbers are masked in your exports.')).toBeVisible()
  await expect(page.getByLabel('Format')).toHaveValue('xlsx')
  await page.getByLabel('Format').selectOption('csv')
  const file = await exported(page)
  expect(file.bytes.toString()).toMatch(/'\+371\d{2}•{4}\d{2},\d/)
  expect(file.bytes.toString()).not.toMatch(/\+371258186\d{2}/)
})
