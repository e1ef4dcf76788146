import { type Locator } from '@playwright/test'
import { become, expect, hydrated, range, test, tile, tiles, truth } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
  await page.goto(`/?${range}&browsers.view=table&operating-systems.view=table`)
  await hydrated(page)
})

/** Requests the tile with its rows in reverse order. */
async function ask(of: Locator): Promise<void> {
  await of.getByRole('link', { name: 'Failures', exact: true }).click()
}

for (const [word, name] of tiles) {
  test.describe(name, () => {
    test('shows that it is loading, then shows the result', async ({ page }) => {
      let release = () => {}
      const held = new Promise<void>((done) => (release = done))
      await page.route(`**/tiles/${word}?*`, async (route) => {
        await held
        await route.continue()
      })
      const of = tile(page, name)
      await expect(of).not.toHaveAttribute('aria-busy')
      await ask(of)
      await expect(of).toHaveAttribute('aria-busy', 'true')
      release()
      await expect(of).not.toHaveAttribute('aria-busy')
      await expect(of.getByRole('table')).toBeVisible()
      await expect(page).toHaveURL(new RegExp(`${word}\\.sort=count`))
    })

    test('is empty if nothing matches', async ({ page }) => {
      const of = tile(page, name)
      await of.getByRole('searchbox').fill('zzzz')
      await expect(of).toContainText('Nothing contains “zzzz”.')
      await expect(of.getByRole('searchbox')).toBeFocused()
      await of.getByRole('link', { name: 'Clear the filter' }).click()
      await expect(of.getByRole('table')).toBeVisible()
      await expect(of.getByRole('searchbox')).toBeFocused()
    })

    test.describe('when the server fails', () => {
      test.use({ expected: /status of 500|net::ERR_FAILED|500 .*\/tiles\// })

      test('says so and tries again', async ({ page }) => {
        let answer: 'lost' | 'broken' | 'well' = 'lost'
        await page.route(`**/tiles/${word}?*`, async (route) => {
          if (answer === 'lost') return route.abort()
          if (answer === 'broken') return route.fulfill({ status: 500, body: 'no' })
          return route.continue()
        })
        const of = tile(page, name)
        await ask(of)
        await expect(of.getByRole('alert')).toContainText('The server did not answer.')
        answer = 'broken'
        await of.getByRole('link', { name: 'Retry' }).click()
        await expect(of.getByRole('alert')).toContainText('The server did not answer.')
        answer = 'well'
        await of.getByRole('link', { name: 'Retry' }).click()
        await expect(of.getByRole('table')).toBeVisible()
        await expect(of.getByRole('alert')).toHaveCount(0)
      })
    })
  })
}

test('an empty range says so and offers an import', async ({ page }) => {
  await page.goto('/?from=2019-01-01&to=2019-01-02')
  for (const [, name] of tiles) {
    const of = tile(page, name)
    await expect(of).toContainText('No failures in this range.')
    await expect(of.getByRole('link', { name: 'import a log' })).toHaveAttribute('href', '/settings')
  }
  await expect(tile(page, 'Total failures')).toContainText('0')
})

test('one tile changes and the others keep their state', async ({ page }) => {
  const pairs = tile(page, 'Phone Number Failures Per IP Address')
  await pairs.getByRole('link', { name: 'Next page' }).click()
  await expect(pairs).toContainText('11–20 of')
  const addresses = tile(page, 'IP Address – Failed Phone Authentications')
  await addresses.getByRole('searchbox').fill('198.51')
  await expect(addresses.locator('tbody tr')).toHaveCount(2)
  await expect(page).toHaveURL(/number-ip-failures\.page=2/)
  await expect(page).toHaveURL(/ip-failures\.q=198\.51/)
  await page.reload()
  await expect(pairs).toContainText('11–20 of')
  await expect(addresses.locator('tbody tr')).toHaveCount(2)
  // A change of the whole page keeps filters and returns to the first page.
  await page.locator('summary', { hasText: 'Channel' }).click()
  await page.getByRole('link', { name: 'Voice' }).click()
  await expect(tile(page, 'Total failures')).toContainText(String(truth.voice.total))
  await expect(addresses.getByRole('searchbox')).toHaveValue('198.51')
  await expect(pairs).toContainText('1–10 of')
})

test('an older answer never replaces a newer one', async ({ page }) => {
  let release = () => {}
  const held = new Promise<void>((done) => (release = done))
  await page.route('**/tiles/ip-failures?*', async (route) => {
    if (route.request().url().includes('q=first')) await held
    await route.continue()
  })
  const of = tile(page, 'IP Address – Failed Phone Authentications')
  const first = page.waitForRequest(/q=first/)
  await of.getByRole('searchbox').fill('first')
  await first
  const late = page.waitForResponse(/q=first/)
  await of.getByRole('searchbox').fill('198.51')
  await expect(of.locator('tbody tr')).toHaveCount(2)
  release()
  await (await late).finished()
  await expect(of.locator('tbody tr')).toHaveCount(2)
})
