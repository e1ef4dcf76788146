import { become, expect, ordered, range, test, truth } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
})

test('a click filters, filters combine, and each can be removed', async ({ page }) => {
  await page.goto(`/?${range}`)
  const addresses = page.getByRole('region', { name: 'IP Address – Failed Phone Authentications' })
  const [ip, count] = ordered(truth.all['ip-failures'])[0]!
  await addresses.getByRole('link', { name: ip, exact: true }).click()
  await expect(page).toHaveURL(new RegExp(`ip=${encodeURIComponent(ip)}`))
  const chips = page.getByRole('list', { name: 'Filters' })
  await expect(chips).toContainText(`IP address ${ip}`)
  await expect(page.getByRole('region', { name: 'Total failures' })).toContainText(count.toLocaleString('en'))
  await expect(addresses.locator('tbody tr')).toHaveCount(1)

  const reasons = page.getByRole('region', { name: 'Phone Authentication Failure Reasons' })
  const reason = reasons.locator('tbody tr').first()
  const left = (await reason.locator('.count').textContent())!
  await reason.getByRole('link').first().click()
  await expect(chips).toContainText('Reason')
  await expect(reasons.locator('.count').first()).toHaveText(left)

  // A number typed into the URL becomes a handle in the links.
  const pairs = page.getByRole('region', { name: 'Phone Number Failures Per IP Address' })
  await pairs.locator('tbody tr').first().getByRole('link').first().click()
  await expect(page).toHaveURL(/number=n_/)
  expect(page.url()).not.toMatch(/%2B|\+\d/)
  await chips.getByRole('link', { name: /Remove the filter Reason/ }).click()
  await expect(chips).not.toContainText('Reason')
  await chips.getByRole('link', { name: 'Clear all' }).click()
  await expect(chips).toHaveCount(0)
  await expect(page.getByRole('region', { name: 'Total failures' })).toContainText(truth.all.total.toLocaleString('en'))
})

test('the previous period is shown beside every number', async ({ page }) => {
  await page.goto(`/?${range}&compare=yes`)
  const addresses = page.getByRole('region', { name: 'IP Address – Failed Phone Authentications' })
  await expect(addresses.locator('tbody tr').first().locator('.delta')).toHaveText('new')
  await page.getByRole('switch', { name: 'Compare' }).click()
  await expect(page).not.toHaveURL(/compare/)
  await expect(page.locator('.delta')).toHaveCount(0)
})

test('a tile opened alone has more rows and a link back', async ({ page }) => {
  await page.goto(`/?${range}`)
  await page.getByRole('link', { name: 'Show only Phone Number Failures Per IP Address' }).click()
  const pairs = page.getByRole('region', { name: 'Phone Number Failures Per IP Address' })
  const all = Object.keys(truth.all['number-ip-failures']).length
  await expect(pairs.locator('tbody tr')).toHaveCount(Math.min(50, all))
  await expect(page.getByRole('region', { name: 'Total failures' })).toHaveCount(0)
  await page.getByRole('link', { name: 'All tiles' }).click()
  await expect(page.getByRole('region', { name: 'Total failures' })).toBeVisible()
})

test('an auditor filters by a masked number and sees masks', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(`/?${range}`)
  const blocked = page.getByRole('region', { name: 'Blocked Phone Number Listing' })
  await blocked.locator('tbody tr').first().getByRole('link').click()
  const chips = page.getByRole('list', { name: 'Filters' })
  await expect(chips).toContainText('••••')
  await expect(blocked.locator('tbody tr')).toHaveCount(1)
  await page.goto(`/?${range}&number=%2B14155550100`)
  await expect(page.getByRole('status').or(page.locator('.notice')).first()).toContainText('all numbers are shown')
})

for (const [what, query, words] of [
  ['a tab', 'tab=secrets', 'overview, details, conversion'],
  ['a zone', 'tz=Mars%2FBase', 'time zone'],
  ['a range that ends before it begins', 'from=2026-02-01&to=2026-01-01', 'last 30 days are shown'],
  ['text that is no UTF-8', 'flow=%FF%FE', 'UTF-8'],
  ['ten thousand letters', `flow=${'x'.repeat(10_240)}`, '320'],
  ["another store's handle", 'number=n_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'all numbers are shown'],
] as const) {
  test(`a value that cannot be used shows a message: ${what}`, async ({ page }) => {
    await page.goto(`/?${query}`)
    await expect(page.locator('main .notice').first()).toContainText(words)
    await expect(page.getByRole('region', { name: 'Phone Authentication Failure Reasons' })).toBeVisible()
  })
}

test('filters match exact text, not patterns', async ({ page }) => {
  await page.goto(`/?${range}&flow=${encodeURIComponent("100%' or 1=1 --")}`)
  await expect(page.getByRole('list', { name: 'Filters' })).toContainText("100%' or 1=1 --")
  await expect(page.getByText('No failures in this range fit the filters.').first()).toBeVisible()
})
