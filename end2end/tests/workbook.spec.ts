import { type Locator } from '@playwright/test'
import { become, downloaded, expect, fill, ordered, range, test, tile, tiles, truth } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
})

/** A tile's table as text: all cells except the count joined by `|`, then the count. */
async function rows(of: Locator): Promise<[string, number][]> {
  const out: [string, number][] = []
  for (const row of await of.locator('tbody tr').all()) {
    const cells = await row.locator('td').allTextContents()
    const words = cells.map((cell) => cell.trim())
    const count = Number((words.pop() ?? '').replaceAll(',', ''))
    out.push([words.join('|'), count])
  }
  return out
}

for (const [what, counts, query] of [
  ['all channels', truth.all, range],
  ['calls only', truth.voice, `${range}&channel=voice`],
] as const) {
  test(`tiles show the counts of the log: ${what}`, async ({ page }) => {
    await page.goto(`/?${query}&browsers.view=table&operating-systems.view=table`)
    await expect(tile(page, 'Total failures')).toContainText(String(counts.total))
    for (const [word, name] of tiles) {
      const want = ordered(counts[word])
      const of = tile(page, name)
      if (word !== 'blocked-numbers') await expect(of.locator('tbody tr')).toHaveCount(Math.min(10, want.length))
      const got = await rows(of)
      if (word === 'failure-reasons') {
        // Here Tollwarden's code is shown before the source's text.
        expect(got.map(([key, count]) => [key.split('|')[1], count])).toEqual(want)
      } else {
        expect(got).toEqual(want.slice(0, 10))
      }
    }
  })
}

test('donuts have their total in the middle and a legend', async ({ page }) => {
  await page.goto(`/?${range}`)
  for (const [word, name] of tiles.slice(4)) {
    const of = tile(page, name)
    const total = Object.values(truth.all[word as 'browsers']).reduce((sum, count) => sum + count, 0)
    await expect(of.getByRole('img')).toContainText(String(total))
    for (const [family, count] of ordered(truth.all[word as 'browsers'])) {
      const part = of.getByRole('listitem').filter({ has: page.getByText(family, { exact: true }) })
      await expect(part).toContainText(String(count))
    }
    await of.getByRole('link', { name: 'Table' }).click()
    await expect(of.getByRole('table')).toBeVisible()
    await expect(page).toHaveURL(new RegExp(`${word}\\.view=table`))
    await of.getByRole('link', { name: 'Chart' }).click()
    await expect(of.getByRole('img')).toBeVisible()
  }
})

test('a tile can be filtered, sorted and paged, and the URL shows it', async ({ page }) => {
  await page.goto(`/?${range}`)
  const of = tile(page, 'Phone Number Failures Per IP Address')
  const pairs = ordered(truth.all['number-ip-failures'])

  await of.getByRole('link', { name: 'Next page' }).click()
  await expect(page).toHaveURL(/number-ip-failures\.page=2/)
  await expect(of).toContainText(`11–20 of ${pairs.length}`)
  expect(await rows(of)).toEqual(pairs.slice(10, 20))

  await of.getByRole('link', { name: 'IP address', exact: true }).click()
  await expect(page).toHaveURL(/number-ip-failures\.sort=ip/)
  await expect(of.locator('tbody tr').first()).toContainText('105.53.141.125')

  await of.getByRole('searchbox').fill('203.0.113.77')
  await of.getByRole('searchbox').press('Enter')
  await expect(page).toHaveURL(/number-ip-failures\.q=203\.0\.113\.77/)
  const wanted = pairs.filter(([key]) => key.endsWith('|203.0.113.77'))
  await expect(of).toContainText(`of ${wanted.length}`)

  await of.getByRole('searchbox').fill('nothing has this')
  await of.getByRole('searchbox').press('Enter')
  await expect(of).toContainText('Nothing contains “nothing has this”.')
  await of.getByRole('link', { name: 'Clear the filter' }).click()
  await expect(of).toContainText(`of ${pairs.length}`)
  await expect(of.getByRole('searchbox')).toHaveValue('')
})

test('range and channel can be chosen in the pills', async ({ page }) => {
  await page.goto('/')
  await page.getByText('Last 30 days').click()
  await page.getByRole('link', { name: '90 days' }).click()
  await expect(page).toHaveURL(/range=90d/)
  await expect(page.locator('summary', { hasText: 'Time range' })).toContainText('Last 90 days')
  await page.locator('summary', { hasText: 'Time range' }).click()
  await fill(page, { 'From (UTC)': '2020-12-01T00:00:00', 'To (UTC)': '2020-12-05T00:00:00' })
  await page.getByRole('button', { name: 'Show this range' }).click()
  await expect(tile(page, 'Total failures')).toContainText(String(truth.all.total))
  await page.locator('summary', { hasText: 'Channel' }).click()
  await page.getByRole('link', { name: 'Voice' }).click()
  await expect(tile(page, 'Total failures')).toContainText(String(truth.voice.total))
})

test('an auditor sees masks, and each number still has its own row', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(`/?${range}`)
  const of = tile(page, 'Blocked Phone Number Listing')
  await expect(of.locator('tbody tr')).toHaveCount(10)
  for (const [phone] of await rows(of)) expect(phone).toMatch(/^\+371\d{2}•{4}\d{2}$/)
  await expect(of).toContainText(`of ${Object.keys(truth.all['blocked-numbers']).length}`)
  expect(await page.content()).not.toMatch(/\+371258186\d{2}/)
})

test('every tile exports what it shows', async ({ page }) => {
  await page.goto(`/?${range}`)
  const addresses = tile(page, 'IP Address – Failed Phone Authentications')
  const { bytes } = await downloaded(page, addresses.getByRole('link', { name: /Export/ }))
  const lines = bytes.toString().trim().split(/\r?\n/)
  expect(lines[0]).toBe('ip,count')
  expect(lines.slice(1)).toEqual(ordered(truth.all['ip-failures']).map(([ip, count]) => `${ip},${count}`))
})
