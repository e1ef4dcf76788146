import type { Page } from '@playwright/test'
import { become, expect, hydrated, onNewServer, sendFailures, Server, test } from './fixtures.ts'

// Live pages. Only with JavaScript on: without it, pages do not change.

const own = onNewServer('security-lead')

let sent = 0

/** Sends failures from one IP address. */
async function send(server: Server, key: string, count: number, ip = '203.0.113.7'): Promise<void> {
  const failures = Array.from({ length: count }, () => ({
    channel: 'voice',
    phone: `+1415555${1000 + ++sent}`,
    ip,
    user_agent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0',
  }))
  await sendFailures(server, key, failures)
}

const status = (page: Page) => page.locator('.live')
const total = (page: Page) => page.locator('.total-now')
const addresses = (page: Page) => page.getByRole('region', { name: 'IP Address – Failed Phone Authentications' })

/** Counts the page's automatic requests. */
function questions(page: Page): () => number {
  let count = 0
  page.on('request', (request) => {
    if (request.headers()['x-by-itself'] && !request.url().endsWith('/live')) count += 1
  })
  return () => count
}

async function opened(page: Page, path: string): Promise<void> {
  const live = page.waitForResponse((response) => response.url().endsWith('/live') && response.ok())
  await page.goto(path)
  await hydrated(page)
  await live
  await expect(status(page)).toContainText('Live')
}

own('new data appears within two seconds, in the right places', async ({ page, newServer, key }) => {
  await send(newServer, key, 1)
  await opened(page, '/')
  await expect(total(page)).toHaveText('1')
  await page.evaluate(() => ((window as { stays?: boolean }).stays = true))
  await send(newServer, key, 2)
  const begun = Date.now()
  await expect(total(page)).toHaveText('3', { timeout: 4_000 })
  // The browser requests updates at most every two seconds; the first update is shown at once.
  expect(Date.now() - begun).toBeLessThan(3_000)
  await expect(addresses(page).getByRole('row', { name: /203\.0\.113\.7/ })).toContainText('3')
  await expect(page.locator('#strip')).toContainText(/Failed\s*3/)
  await send(newServer, key, 1, '203.0.113.8')
  await expect(addresses(page).locator('tr[data-new]')).toContainText('203.0.113.8')
  await expect(addresses(page).locator('tr[data-new]')).toHaveCount(0)
  expect(await page.evaluate(() => (window as { stays?: boolean }).stays), 'it was reloaded').toBe(true)
  expect(await page.evaluate(() => scrollY)).toBe(0)
})

own('parts that are being read stay where they are', async ({ page, newServer, key }) => {
  for (let n = 0; n < 12; n++) await send(newServer, key, 1, `198.51.100.${n}`)
  await page.setViewportSize({ width: 900, height: 500 })
  await opened(page, '/')
  const tile = addresses(page)
  await tile.scrollIntoViewIfNeeded()
  const row = tile.locator('tbody tr').first()
  const before = await row.boundingBox()

  // A field with the cursor in it: its tile waits and says so, the others are updated.
  await tile.getByRole('searchbox').focus()
  await send(newServer, key, 3, '192.0.2.1')
  await expect(total(page)).toHaveText('15')
  await expect(tile).toHaveAttribute('data-waiting', '')
  await expect(tile.getByText('192.0.2.1')).toHaveCount(0)
  await expect(status(page)).toContainText(/Behind, last \d+ s ago/, { timeout: 12_000 })
  expect((await row.boundingBox())?.y).toBeCloseTo(before?.y ?? 0, 0)
  await expect(tile.getByRole('searchbox')).toBeFocused()

  // After the cursor leaves, it catches up.
  await page.getByRole('heading', { level: 1 }).click()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await expect(tile.getByText('192.0.2.1')).toBeVisible()
  await expect(status(page)).toContainText('Live')
  await expect(status(page)).not.toContainText('Behind')

  // A selection also makes its tile wait.
  await page.evaluate(() => {
    const cell = document.querySelector('#ip-failures tbody th, #ip-failures tbody td')
    if (cell) getSelection()?.selectAllChildren(cell)
  })
  await send(newServer, key, 5, '192.0.2.2')
  await expect(total(page)).toHaveText('20')
  await expect(tile.getByText('192.0.2.2')).toHaveCount(0)
  await page.evaluate(() => getSelection()?.removeAllRanges())
  await expect(tile.getByText('192.0.2.2')).toBeVisible()
})

own('a page can be paused, and the tab remembers it', async ({ page, newServer, key }) => {
  await send(newServer, key, 1)
  await opened(page, '/')
  await status(page).getByRole('button', { name: 'Pause' }).click()
  await expect(status(page)).toContainText('Paused')
  const asked = questions(page)
  await send(newServer, key, 1)
  await page.reload()
  await hydrated(page)
  await expect(status(page)).toContainText('Paused')
  await expect(total(page)).toHaveText('2')
  await send(newServer, key, 1)
  // Long enough for a page that is not paused to show the new data.
  const other = await page.context().newPage()
  await opened(other, '/')
  await send(newServer, key, 1)
  await expect(total(other)).toHaveText('4')
  await other.close()
  expect(asked()).toBe(0)
  await expect(total(page)).toHaveText('2')
  await page.bringToFront()
  await status(page).getByRole('button', { name: 'Go on' }).click()
  await expect(total(page)).toHaveText('4')
  await expect(status(page)).toContainText('Live')
})

own.describe('when the stream is cut', () => {
  own.use({ expected: /net::ERR_|status of 503/ })

  own('the page says so, tries again and catches up', async ({ page, newServer, key }) => {
    await send(newServer, key, 1)
    let cut: 'gone' | 'full' | 'well' = 'gone'
    await page.route('**/live', async (route) => {
      if (cut === 'gone') return route.abort()
      if (cut === 'full') return route.fulfill({ status: 503, body: '{}' })
      return route.continue()
    })
    await page.goto('/')
    await expect(status(page)).toContainText('Cut off, trying again')
    cut = 'full'
    await send(newServer, key, 1)
    await expect(status(page)).toContainText('Cut off, trying again')
    await expect(total(page)).toHaveText('1')
    cut = 'well'
    await expect(total(page)).toHaveText('2', { timeout: 20_000 })
    await expect(status(page)).toContainText('Live')
  })
})

own('a range that has ended is not requested again', async ({ page, newServer, key }) => {
  await send(newServer, key, 1)
  const asked: string[] = []
  // Count from when the previous page, which may still send requests, is gone.
  await page.goto('/?from=2020-12-01&to=2020-12-05', { waitUntil: 'commit' })
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  await hydrated(page)
  await expect(status(page)).toHaveCount(0)
  await send(newServer, key, 1)
  // Wait until another window shows the new data.
  const other = await page.context().newPage()
  await opened(other, '/')
  await expect(total(other)).toHaveText('2')
  expect(asked).not.toContain('/live')
})

own('a user who is signed out elsewhere is sent to the sign-in', async ({ page, newServer, key }) => {
  await send(newServer, key, 1)
  await opened(page, '/')
  const other = await page.context().newPage()
  await other.goto(`${newServer.url}/account`)
  await other.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(other).toHaveURL(/\/sign-in/)
  await page.bringToFront()
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible()
})

for (const [name, path] of [
  ['the sign-in log', '/sign-ins'],
  ['an address’s page', '/ips/203.0.113.7'],
] as const) {
  own(`${name} stays current`, async ({ page, newServer, key }) => {
    await send(newServer, key, 1)
    await opened(page, path)
    const rows = page.locator('a[href^="/attempts/"]')
    const before = await rows.count()
    await send(newServer, key, 1)
    await expect.poll(() => rows.count()).toBeGreaterThan(before)
  })
}

test('a page without new events sends at most one automatic request', async ({ page }) => {
  await become(page, 'auditor')
  await opened(page, '/')
  await page.reload({ waitUntil: 'commit' })
  const asked = questions(page)
  await hydrated(page)
  await expect(status(page)).toContainText('Live')
  await page.locator('summary', { hasText: 'Channel' }).click()
  await expect(page.getByRole('link', { name: 'Voice' })).toBeVisible()
  expect(asked()).toBeLessThanOrEqual(1)
})
