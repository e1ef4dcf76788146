import { become, email, expect, password, signIn, test } from './fixtures.ts'

test('users see their sessions and can end the other ones', async ({ page, browser, server }) => {
  // Use separate sessions: other tests use those of `become`.
  await signIn(page, 'security-lead')
  const context = await browser.newContext({
    baseURL: server.url,
    javaScriptEnabled: test.info().project.name !== 'script off',
  })
  const other = await context.newPage()
  await signIn(other, 'security-lead')
  await page.goto('/account')
  const sessions = page.getByRole('region', { name: 'Sessions' })
  await expect(sessions.getByText('(this one)')).toHaveCount(1)
  await expect(sessions.getByText('127.0.0.1').first()).toBeVisible()
  // The most recently used session is the first one with a button.
  await sessions.getByRole('button', { name: /^End / }).first().click()
  await expect(sessions.getByText('The session has ended.')).toBeVisible()
  await other.goto('/account')
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await context.close()
})

test.describe('asking for the password again', () => {
  test.use({ expected: /status of 4/ })

  test('a wrong password shows an error, the right one continues', async ({ page }) => {
    await signIn(page, 'admin')
    await page.goto('/account/confirm?next=%2Fsettings%3Ftab%3Dkeys')
    await expect(page.getByRole('heading', { level: 1, name: 'Confirm your password' })).toBeVisible()
    await page.getByLabel('Password').fill('not this one, surely')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await expect(page.getByText('This is not your current password.')).toBeVisible()
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Confirm' }).click()
    await expect(page).toHaveURL(/\/settings\?tab=keys$/)
  })
})

test('an admin sees the sessions of another account', async ({ page, browser, server }) => {
  const context = await browser.newContext({ baseURL: server.url })
  await signIn(await context.newPage(), 'auditor')
  await become(page, 'admin')
  await page.goto('/settings?tab=accounts')
  await page.getByRole('link', { name: `Change ${email('auditor')}` }).click()
  const panel = page.getByRole('region', { name: email('auditor') })
  await expect(panel.getByRole('button', { name: /^End .*127\.0\.0\.1/ }).first()).toBeVisible()
  await context.close()
})
