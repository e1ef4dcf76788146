import { become, email, expect, test } from './fixtures.ts'

const path = '/audit'

test('the URL filters, opens and pages the log', async ({ page, server }) => {
  await server.run(['key', 'create', '--name', `k${Math.random()}`, '--scope', 'read'])
  await become(page, 'admin')
  await page.goto(path)
  await expect(page.getByRole('heading', { level: 1, name: 'Audit log' })).toBeVisible()
  await page.getByLabel('Activity').selectOption('API key made')
  await page.getByRole('button', { name: 'Filter' }).click()
  await expect(page).toHaveURL(/activity=API\+key\+made/)
  const rows = page.getByRole('table', { name: 'Entries, newest first' }).locator('tr[id]')
  await expect(rows.first()).toContainText('command line')
  await expect(rows.first()).toContainText('API key made')
  await rows.first().getByText('Details').click()
  await expect(rows.first().getByRole('row', { name: /^scopes/ })).toContainText('read')

  await page.getByLabel('Object').fill('no such thing')
  await page.getByRole('button', { name: 'Filter' }).click()
  await expect(page.getByText('No entry matches.')).toBeVisible()
  await page.getByRole('link', { name: 'Clear the filters' }).first().click()
  await expect(page).toHaveURL(/\/audit$/)
  await rows
    .first()
    .getByRole('link', { name: email('admin') })
    .first()
    .or(rows.first().getByRole('link').first())
    .click()
  await expect(page).toHaveURL(/actor=/)
})

test('an unreadable filter shows an error beside its field', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(`${path}?from=never&object=number+%2B1415`)
  await expect(page.getByText('Enter a time such as 2026-11-20T09:30, between 2000 and 2100.')).toBeVisible()
  await expect(page.getByText('Your role sees masked numbers and cannot search for their digits.')).toBeVisible()
  await expect(page.getByLabel('From (UTC)')).toHaveValue('never')
})

test('the button verifies the chain', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto(path)
  const panel = page.getByRole('region', { name: 'Log integrity' })
  await panel.getByRole('button', { name: 'Verify' }).click()
  await expect(async () => {
    // With JavaScript the panel updates itself; without it, it asks for a reload.
    if (test.info().project.name === 'script off') await page.reload()
    await expect(panel).toContainText('in an unbroken chain', { timeout: 500 })
  }).toPass()
  await expect(panel).toContainText(email('auditor'))
  await expect(panel.getByText(/^\d+:[0-9a-f]{64}$/)).toBeVisible()
})
