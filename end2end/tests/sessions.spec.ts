import { become, email, expect, password, signIn, test } from './fixtures.ts'

test('one sees where one is signed in, and ends the other sessions', async ({ page, browser, server }) => {
  // Sessions of our own: others use those that `become` keeps.
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
  // The last used is first among those with a button.
  await sessions.getByRole('button', { name: /^End / }).first().click()
  await expect(sessions.getByText('The session has ended.')).toBeVisible()
  await other.goto('/account')
  await expect(other.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
  await context.close()
})

test.describe('asking for the password again', () => {
  test.use({ expected: /status of 4/ })

  test('a wrong one is told, the right one leads on', async ({ page }) => {
    await signIn(page, 'admin')
    await page.goto('/account/confirm?next=%2Fsettings%3Ftab%3Dkeys')
    await expect(page.getByRole('heading', { level: 1, name: 'Confirm your password' })).toBeVisible()
    await page.getByLabel('Password').fill('not this one, surely')
    await page.getByRole('button', { name: 'Confirm' }).click()
    await expect(page.getByText('This is not your present password.')).toBeVisible()
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
