import { email, enter, expect, roles, test } from './fixtures.ts'

// The account's time zone, with JavaScript on and off.

test('a time zone is chosen once and applies to every page', async ({ page, newServer }) => {
  for (const role of roles) await newServer.addUser(email(role), role)
  const go = (path: string) => page.goto(`${newServer.url}${path}`)
  await go('/sign-in')
  await enter(page, email('auditor'))
  await go('/account')

  const zone = page.getByRole('combobox', { name: 'Time zone' })
  await expect(zone).toHaveValue('UTC')
  await zone.fill('Europe/Atlantis')
  await page.getByRole('button', { name: 'Use this time zone' }).click()
  await expect(zone).toHaveValue('Europe/Atlantis')
  await expect(zone).toHaveAttribute('aria-invalid', 'true')
  await expect(
    page.getByText('The time zone must be UTC or the name of a time zone such as Europe/Berlin.'),
  ).toBeVisible()

  await zone.fill('europe/berlin')
  await page.getByRole('button', { name: 'Use this time zone' }).click()
  await expect(page.getByText('Times are shown in Europe/Berlin from now on.')).toBeVisible()
  await expect(zone).toHaveValue('Europe/Berlin')

  // A day of 23 hours, from midnight to midnight local time.
  await go('/?from=2026-03-29&to=2026-03-30')
  await expect(page.locator('.total-range')).toHaveText('29 Mar 2026, 00:00 CET – 30 Mar 2026, 00:00 CEST')
  await page.locator('summary', { hasText: '29 Mar 2026' }).click()
  await expect(page.getByLabel('From (Europe/Berlin)')).toHaveValue('2026-03-29T00:00')
  await page.getByLabel('From (Europe/Berlin)').fill('2026-03-29T12:00:00')
  await page.getByLabel('Time zone of this page').fill('Asia/Kathmandu')
  await page.getByRole('button', { name: 'Show this range' }).click()
  // Times typed with a zone in the URL are in that zone, and the zone stays in the URL.
  await expect(page).toHaveURL(/tz=Asia(%2F|\/)Kathmandu/)
  await expect(page.locator('.total-range')).toContainText('29 Mar 2026, 12:00 +0545')

  // An unknown zone shows an error beside its field.
  await go('/?tz=Mars')
  await expect(page.getByLabel('Time zone of this page')).toHaveValue('Mars')
  await expect(page.locator('#field-tz-error')).toContainText('such as Europe/Berlin')
})
