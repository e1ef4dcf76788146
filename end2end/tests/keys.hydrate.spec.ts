import { become, expect, hydrated, range, test } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
  await page.goto(`/?${range}`)
  await hydrated(page)
})

test('the first tab stop skips the navigation', async ({ page }) => {
  await page.keyboard.press('Tab')
  const skip = page.getByRole('link', { name: 'Skip to the content' })
  await expect(skip).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.locator('#main')).toBeFocused()
})

test('keyboard shortcuts open pages and the filter', async ({ page }) => {
  await page.keyboard.press('/')
  await expect(page.getByRole('main').getByRole('searchbox').first()).toBeFocused()
  // In a text field, letters are not shortcuts.
  await page.keyboard.type('gs')
  await expect(page.getByRole('main').getByRole('searchbox').first()).toHaveValue('gs')
  await page.locator('#main').focus()
  await page.keyboard.press('s')
  await expect(page.getByRole('banner').getByRole('searchbox')).toBeFocused()
  await page.locator('#main').focus()
  for (const [key, name] of [
    ['s', 'Set-up'],
    ['a', 'Account'],
    ['w', 'Workbook'],
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible()
    await hydrated(page)
  }
})

test('the shortcuts are listed, and Escape closes open parts', async ({ page }) => {
  await page.keyboard.press('?')
  const dialog = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(dialog).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()

  const pill = page.locator('summary', { hasText: 'Time range' })
  await pill.focus()
  await page.keyboard.press('Enter')
  await expect(page.getByRole('link', { name: '90 days' })).toBeVisible()
  await page.keyboard.press('Tab')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('link', { name: '90 days' })).toBeHidden()
  await expect(pill).toBeFocused()
})

test('everything in a tile can be reached with the keyboard and shows its focus', async ({ page }) => {
  const tile = page.getByRole('region', { name: 'Phone Number Failures Per IP Address' })
  await tile.getByRole('searchbox').focus()
  const stops = new Set<string>()
  for (let stop = 0; stop < 80; stop += 1) {
    await page.keyboard.press('Tab')
    const at = page.locator(':focus')
    if ((await tile.locator(':focus').count()) === 0) break
    stops.add((await at.getAttribute('aria-label')) ?? (await at.innerText()))
    expect(await at.evaluate((element) => getComputedStyle(element).outlineStyle)).not.toBe('none')
  }
  expect([...stops].join(' ')).toContain('Next page')
  expect([...stops].join(' ')).toContain('Number')
})
