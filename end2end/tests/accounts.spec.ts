import { email, enter, expect, signIn, test } from './fixtures.ts'

test.describe('sign-in', () => {
  test.use({ expected: /status of 4/ })

  test('a wrong password shows an error beside its field and keeps the address', async ({ page }) => {
    await page.goto('/sign-in')
    await enter(page, email('admin'), 'not this one, surely')
    await expect(page.getByText('E-mail and password do not match.')).toBeVisible()
    await expect(page.getByLabel('E-mail')).toHaveValue(email('admin'))
    await expect(page.getByLabel('Password')).toHaveValue('')
    await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true')
  })

  test('a linked page is shown after signing in', async ({ page }) => {
    await page.goto('/?range=7d&channel=voice')
    await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
    await enter(page, email('auditor'))
    await expect(page).toHaveURL(/\/\?range=7d&channel=voice$/)
  })

  test('no page is shown without an account', async ({ page }) => {
    for (const path of ['/', '/settings', '/account']) {
      await page.goto(path)
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
    }
  })
})

test('signing out ends the session', async ({ page }) => {
  await signIn(page, 'auditor')
  await page.goto('/account')
  await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
})

test('the colour scheme is chosen in a form and kept', async ({ page }) => {
  await signIn(page, 'admin')
  await page.getByRole('button', { name: 'Dark' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.reload()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark')
  await page.getByRole('button', { name: 'System' }).click()
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'auto')
})
