import { become, email, enter, expect, fill, password, test } from './fixtures.ts'

const accounts = '/settings?tab=accounts'
const keys = '/settings?tab=keys'

test.describe('accounts', () => {
  // A used link returns 404; without JavaScript an open page has an unused preload.
  test.use({ expected: /status of 404|preloaded/ })

  test('a person is invited by a link, chooses a password, is disabled and enabled again', async ({
    page,
    server,
    browser,
  }) => {
    const address = `new${Math.random()}@tollwarden.example`
    await become(page, 'admin')
    await page.goto('/settings')
    await page.getByRole('tab', { name: 'Accounts' }).click()
    await expect(page).toHaveURL(accounts)
    await page.getByLabel('E-mail').fill(address)
    await page.getByLabel('Role').selectOption({ label: 'Security lead' })
    await page.getByRole('button', { name: 'Add account' }).click()
    const told = page.getByRole('status').filter({ hasText: 'added.' })
    const link = (await told.locator('code').innerText()).trim()
    expect(link).toMatch(new RegExp(`^${server.url}/reset/[0-9a-f]{64}$`))

    const guest = await browser.newContext({ javaScriptEnabled: test.info().project.name !== 'script off' })
    const theirs = await guest.newPage()
    await theirs.goto(link)
    await theirs.getByLabel('New password', { exact: true }).fill(password)
    await theirs.getByLabel('New password again').fill(password)
    await theirs.getByRole('button', { name: 'Set password' }).click()
    await expect(theirs.getByText('Password set. Sign in with it.')).toBeVisible()
    await enter(theirs, address)
    await expect(theirs.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()
    await theirs.goto(link)
    await expect(theirs.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid')

    await page.goto(accounts)
    await page.getByRole('link', { name: `Change ${address}` }).click()
    const panel = page.getByRole('region', { name: address })
    await panel.getByLabel('Role').selectOption({ label: 'Auditor' })
    await panel.getByRole('button', { name: 'Change role' }).click()
    await expect(panel).toContainText('Role changed')
    await theirs.goto('/')
    await expect(theirs.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
    await panel.getByText('Disable …').click()
    await panel.getByRole('button', { name: `Disable ${address}` }).click()
    await expect(panel).toContainText('Account disabled')
    await expect(page.getByRole('row', { name: address })).toContainText('Disabled')
    await panel.getByRole('button', { name: 'Enable' }).click()
    await expect(panel).toContainText('Account enabled')
    await guest.close()
  })
})

test('a refused form keeps its input and shows the error beside its field', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(accounts)
  await fill(page, { 'E-mail': email('auditor'), Password: password })
  await page.getByRole('button', { name: 'Add account' }).click()
  await expect(page.getByText(`There is an account for ${email('auditor')} already.`)).toBeVisible()
  await expect(page.getByLabel('E-mail')).toHaveValue(email('auditor'))
  await expect(page.getByLabel('E-mail')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByLabel('Password')).toHaveValue('')
})

test('the last admin cannot be removed, and the page says why', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(accounts)
  await page.getByRole('link', { name: `Change ${email('admin')}` }).click()
  const panel = page.getByRole('region', { name: email('admin') })
  await expect(panel.getByText('This is the last admin who can sign in').first()).toBeVisible()
  await expect(panel.getByRole('button', { name: 'Change role' })).toHaveCount(0)
})

test.describe('keys', () => {
  test.use({ expected: /status of 401/ })

  test('a key is created, shown once, used and revoked', async ({ page, server }) => {
    const name = `gateway ${Math.random()}`
    await become(page, 'admin')
    await page.goto(keys)
    await page.getByLabel('Name', { exact: true }).fill(name)
    await page.getByRole('button', { name: 'Create key' }).click()
    await expect(page.getByText('A key needs at least one scope')).toBeVisible()
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name)
    await page.getByLabel('read – read, numbers masked').check()
    await page.getByRole('button', { name: 'Create key' }).click()
    const told = page.getByRole('status').filter({ hasText: 'it is shown only once' })
    const key = (await told.locator('code').innerText()).trim()
    const ask = () => fetch(`${server.url}/api/v1/reports/browsers`, { headers: { authorization: `Bearer ${key}` } })
    expect((await ask()).status).toBe(200)

    await page.goto(keys)
    expect(await page.content()).not.toContain(key)
    const row = page.getByRole('row').filter({ hasText: name })
    await expect(row).toContainText('just now')
    await row.getByRole('link', { name: `Revoke ${name}` }).click()
    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await expect(page.getByText('Key revoked.')).toBeVisible()
    expect((await ask()).status).toBe(401)
  })
})

test('only admins see accounts and keys', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto('/settings')
  await expect(page.getByRole('tab')).toHaveCount(0)
  await page.goto(accounts)
  await expect(page.getByText('Only admins can see')).toBeVisible()
})
