import { become, expect, hydrated, test } from './fixtures.ts'

test('the browser solves the challenge, and the server accepts the token once', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/captcha')
  await page.getByLabel('Number', { exact: true }).fill('+1 (415) 555-0100')
  await page.getByRole('button', { name: 'Get a challenge' }).click()
  await hydrated(page)
  await expect(page.getByRole('status').filter({ hasText: 'Solved in' })).toBeVisible()
  const token = await page.getByRole('textbox', { name: 'Token' }).inputValue()
  const found = JSON.parse(atob(token))
  expect(Object.keys(found)).toEqual(['algorithm', 'challenge', 'number', 'salt', 'signature'])
  // Verifying does not use the token up.
  for (let time = 0; time < 2; time += 1) {
    await page.getByRole('button', { name: 'Verify', exact: true }).click()
    await expect(page.getByText(/^Valid until \d\d:\d\d:\d\d UTC/)).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Token' })).toHaveValue(token)
  }
  // The token is bound to its number.
  for (const [number, words] of [
    ['+14155550101', 'The challenge was issued for another phone number.'],
    ['+14155550100', 'Valid, and now used'],
    ['+14155550100', 'The challenge has been used before; ask for a new one.'],
  ] as const) {
    await page.getByLabel('For the number').fill(number)
    await page.getByRole('button', { name: 'Verify and mark as used' }).click()
    await expect(page.getByText(words)).toBeVisible()
  }
})
