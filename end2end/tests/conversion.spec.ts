import { become, downloaded, enter, expect, range, test } from './fixtures.ts'

test('the attacked region is first; a click on it filters everything', async ({ page, newServer }) => {
  const email = 'lead@tollwarden.example'
  await newServer.addUser(email, 'security-lead')
  const simulated = ['simulate', '--events', '6000', '--days', '7', '--seed', '5', '--start', '2026-03-01T00:00:00Z']
  const month = await newServer.run([...simulated, '--attack', 'sms-pumping'])
  await newServer.run(['import', '-'], month)
  await page.goto(`${newServer.url}/sign-in`)
  await enter(page, email)
  await expect(page.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()

  await page.goto(`${newServer.url}/?from=2026-03-01&to=2026-03-08`)
  await page.getByRole('tab', { name: 'Conversion' }).click()
  const table = page.getByRole('region', { name: 'Conversion', exact: true })
  const rows = table.locator('tbody tr')
  // Codes to the attacked region are never entered.
  await expect(rows.first()).toContainText('0.0 %')
  const name = (await rows.first().locator('.region-name').innerText()).replace(/\s+\S+$/, '')
  expect(await rows.count()).toBeGreaterThan(3)
  const [of, all] = [rows.first().locator('td'), table.locator('tfoot td')]
  const sent = await of.first().innerText()
  expect(await all.first().innerText()).not.toBe(sent)
  await expect(page.locator('.map a, .map g > g').filter({ hasText: new RegExp(`^${name}: `) })).toHaveCount(1)

  await rows.first().getByRole('link').click()
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Region')
  await expect(rows).toHaveCount(1)
  await expect(rows.first()).toContainText(name)
  await expect(of.first()).toHaveText(sent)
  // Its codes share one calling prefix.
  await table.getByRole('navigation', { name: 'Conversion by' }).getByRole('link', { name: 'Calling prefix' }).click()
  await expect(page).toHaveURL(/by=prefix/)
  await expect(rows.first()).toContainText(/^\s*\+\d+ \d{3}/)
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText('Region')
})

test('the tile sorts, searches and pages like the other tiles', async ({ page, javaScriptEnabled }) => {
  await become(page, 'auditor')
  await page.goto(`/?tab=conversion&by=ip&${range}`)
  const table = page.getByRole('region', { name: 'Conversion', exact: true })
  const first = table.locator('tbody tr').first()
  await table.getByRole('link', { name: 'Sent' }).click()
  await expect(page).toHaveURL(/conversion\.sort=sent\.down/)
  await expect(table.getByRole('columnheader', { name: 'Sent' })).toHaveAttribute('aria-sort', 'descending')
  const network = await first.locator('th').innerText()
  const search = table.getByRole('searchbox')
  await search.fill(network)
  if (!javaScriptEnabled) await search.press('Enter')
  await expect(table.locator('tbody tr')).toHaveCount(1)
  await expect(first).toContainText(network)
  const file = await downloaded(page, table.getByRole('link', { name: 'Export Conversion as CSV' }))
  expect(file.name).toMatch(/conversion.*\.csv$/)
})
