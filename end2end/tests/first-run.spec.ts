import type { Page } from '@playwright/test'
import { expect, log, ordered, password, range, test, tiles, truth } from './fixtures.ts'

/** Submits the form of the first account, with the password and this repetition. */
async function create(page: Page, again: string): Promise<void> {
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Password again').fill(again)
  await page.getByRole('button', { name: 'Create account' }).click()
}

test('from the set-up link to the workbook of an imported log', async ({ page, newServer }) => {
  test.slow()
  await page.goto(newServer.setUpLink)
  await page.getByLabel('E-mail').fill('first@tollwarden.example')
  await create(page, password)
  await expect(page.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()
  for (const [, name] of tiles) {
    await expect(page.getByRole('region', { name })).toContainText('No failures in this range.')
  }

  await page.getByRole('navigation').getByRole('link', { name: 'Set-up' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Set-up' })).toBeVisible()
  await page.getByLabel('File').setInputFiles({ name: 'la.csv', mimeType: 'text/csv', buffer: log })
  await page.getByRole('button', { name: 'Import' }).click()
  const job = page.getByRole('row').filter({ hasText: 'la.csv' })
  await expect(async () => {
    // With JavaScript the list updates itself; without it, the page asks for a reload.
    if (test.info().project.name === 'script off') await page.reload()
    await expect(job).toContainText('Done', { timeout: 500 })
  }).toPass()
  await expect(job).toContainText('1,208')

  await page.goto(`${newServer.url}/?${range}`)
  await expect(page.getByRole('region', { name: 'Total failures' })).toContainText(String(truth.all.total))
  for (const [word, name] of tiles) {
    const [key, count] = ordered(truth.all[word])[0]!
    const tile = page.getByRole('region', { name })
    await expect(tile).toContainText(key.split('|')[0]!)
    await expect(tile).toContainText(String(count))
  }

  // The account menu is a <details>, so it opens without JavaScript.
  await page.getByText('first@tollwarden.example').first().click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible()
})

test.describe('the link', () => {
  test.use({ expected: /status of 404/ })

  test('stops working once there is an account', async ({ page, newServer }) => {
    await page.goto(newServer.setUpLink)
    await page.getByLabel('E-mail').fill('first@tollwarden.example')
    await create(page, 'something else entirely')
    await expect(page.getByLabel('E-mail')).toHaveValue('first@tollwarden.example')
    await expect(page.getByLabel('Password again')).toHaveAttribute('aria-invalid', 'true')
    await create(page, password)
    await expect(page.getByRole('heading', { level: 1, name: 'Workbook' })).toBeVisible()
    await page.goto(newServer.setUpLink)
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('This link is no longer valid')
  })
})
