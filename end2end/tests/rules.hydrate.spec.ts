import { become, expect, expectNoViolations, hydrated, test } from './fixtures.ts'

test.beforeEach(async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules?edit=limits.0')
  await hydrated(page)
})

test('a rule is parsed and checked while it is typed', async ({ page }) => {
  const form = page.locator('#limits-0')
  await expect(form.getByText('Reads: 5 codes in 10 min for one number')).toBeVisible()
  await form.getByLabel('Codes at most').fill('2')
  await form.getByLabel('What happens').selectOption('deny')
  await expect(form.getByText('Reads: 2 codes in 10 min for one number; then refused.')).toBeVisible()
  await form.getByLabel('Within').fill('2000')
  await form.getByLabel('Codes at most').focus()
  await expect(form.getByText('Must be 1 to 86400 seconds (a day).')).toBeVisible()
  await expect(form.getByLabel('Within')).toHaveAttribute('aria-invalid', 'true')
  await expect(form.getByText('Reads:')).toBeHidden()
  await expectNoViolations(page)
  await form.getByLabel('Within').fill('20')
  await expect(form.getByText('Must be 1 to 86400 seconds (a day).')).toHaveCount(0)
  await expect(form.getByLabel('Within')).not.toHaveAttribute('aria-invalid', 'true')
})

test('the page appears before the figures, which follow', async ({ page }) => {
  const form = page.locator('#limits-0')
  await form.getByLabel('Codes at most').fill('1')
  let asked = 0
  await page.route('**/rules/figures?*', async (route) => {
    asked += 1
    await route.continue()
  })
  await form.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('progressbar', { name: 'Attempts checked' })).toBeVisible()
  await expect(page.locator('#figures')).toContainText(/would have been refused|There were no attempts/)
  expect(asked).toBeGreaterThan(0)
  await expectNoViolations(page)
  // A preview that is not saved changes nothing.
  await page.getByRole('link', { name: 'Discard' }).click()
  await expect(page.locator('#limits-0')).toContainText('5 codes in 10 min for one number')
})
