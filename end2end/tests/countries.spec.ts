import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Server, become, downloaded, email, enter, expect, test as base } from './fixtures.ts'

const sample = resolve(import.meta.dirname, '../../testdata/countries/override-en.json')

/** Countries apply to the whole server, so these tests use a separate one. */
const test = base.extend<{ own: Server }>({
  own: async ({ page }, use) => {
    const server = Server.fresh()
    await server.addUser(email('security-lead'), 'security-lead')
    await server.start()
    await page.goto(`${server.url}/sign-in?next=/countries`)
    await enter(page, email('security-lead'))
    await expect(page.getByRole('heading', { level: 1, name: 'Countries' })).toBeVisible()
    await use(server)
    await server.stop()
  },
})

const unsaved = (page: Page) => page.getByRole('region', { name: 'Unsaved changes' })

test('a list is ticked, previewed, saved and undone', async ({ page, own }) => {
  await page.getByRole('radio', { name: 'Only the regions named' }).check()
  await page.getByRole('checkbox', { name: 'United States', exact: true }).check()
  await page.getByRole('checkbox', { name: 'United Kingdom' }).check()
  await page.getByRole('button', { name: 'Preview' }).click()
  await expect(unsaved(page)).toContainText('More: 2 regions: United Kingdom, United States')
  await expect(unsaved(page)).toContainText('Of the last 30 days')
  await expect(page.getByRole('checkbox', { name: 'United Kingdom' })).toBeChecked()
  await unsaved(page).getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved and active.')).toBeVisible()
  await expect(unsaved(page)).toHaveCount(0)

  await page.getByRole('tab', { name: 'SMS' }).click()
  await expect(page.getByRole('radio', { name: 'Every region' })).toBeChecked()
  await page.getByRole('tab', { name: 'History' }).click()
  await expect(page.getByText('More: 2 regions: United Kingdom, United States')).toBeVisible()
  await page.getByRole('button', { name: 'Restore this' }).click()
  await expect(page.getByText('Version 0 restored.')).toBeVisible()
  await page.goto(`${own.url}/countries`)
  await expect(page.getByRole('radio', { name: 'Every region' })).toBeChecked()
})

test('a continent, a preset and another channel fill the list', async ({ page, own }) => {
  await page.goto(`${own.url}/countries?channel=whatsapp`)
  await page.getByText('Change many at once').click()
  await page.getByRole('button', { name: 'Refuse all of Africa' }).click()
  await expect(unsaved(page)).toContainText('Only the regions named')
  await expect(page.getByRole('checkbox', { name: 'Nigeria' })).not.toBeChecked()
  await expect(page.getByRole('checkbox', { name: 'Norway' })).toBeChecked()
  await page.getByText('Change many at once').click()
  await page.getByRole('button', { name: 'All but Microsoft’s default-off codes' }).click()
  await expect(page.getByRole('checkbox', { name: 'Jamaica' })).not.toBeChecked()
  await unsaved(page).getByRole('link', { name: 'Discard' }).click()
  await expect(unsaved(page)).toHaveCount(0)
  await expect(page.getByRole('checkbox', { name: 'Norway' })).not.toBeChecked()
})

test('regions are found by name, code and continent', async ({ page, javaScriptEnabled }) => {
  await become(page, 'admin')
  await page.goto('/countries')
  await page.getByRole('searchbox', { name: 'Find a region' }).fill('+1 876')
  const show = page.locator('.region-tools').getByRole('button', { name: 'Show' })
  if (!javaScriptEnabled) await show.click()
  await expect(page.getByRole('row').filter({ has: page.getByRole('checkbox') })).toHaveCount(1)
  await expect(page.getByRole('rowheader', { name: 'Jamaica' })).toBeVisible()
  await page.getByRole('combobox', { name: 'Continent' }).selectOption('Europe')
  if (!javaScriptEnabled) await show.click()
  await expect(page.getByText('No region has this name.')).toBeVisible()
  await page.getByRole('link', { name: 'Show all regions' }).click()
  await expect(page.getByRole('row', { name: 'Jamaica' })).toBeVisible()
  await page.getByRole('columnheader', { name: 'Code', exact: true }).getByRole('link').click()
  await expect(page.getByRole('columnheader', { name: 'Code', exact: true })).toHaveAttribute('aria-sort', 'ascending')
})

test('a language file is returned unchanged, and with one region less', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/countries?tab=language-file')
  await page.getByLabel('Language file to open').setInputFiles(sample)
  await page.getByRole('button', { name: 'Open', exact: true }).click()
  const file = page.getByRole('region', { name: 'Countries in override-en.json' })
  await expect(file).toContainText('4 countries')
  const before = readFileSync(sample)
  const same = await downloaded(page, file.getByRole('button', { name: 'Download' }))
  expect(same.name).toBe('override-en.json')
  expect(same.bytes.equals(before)).toBe(true)

  await file.getByRole('checkbox', { name: 'Germany' }).uncheck()
  const less = await downloaded(page, file.getByRole('button', { name: 'Download' }))
  expect(less.bytes.toString()).toBe(before.toString().replace(String.raw`,\"DE\":\"Germany\"`, ''))

  const made = page.getByRole('region', { name: 'Create a language file' })
  const fresh = await downloaded(page, made.getByRole('button', { name: 'Download' }))
  expect(fresh.name).toBe('countries-voice.json')
  expect(JSON.parse(fresh.bytes.toString()).LocalizedStrings[0].Override).toBe(true)
})

test('an error in a file is shown beside its field', async ({ page }) => {
  await become(page, 'admin')
  const wrong = async (text: string, words: RegExp) => {
    await page.goto('/countries?tab=language-file')
    const field = page.getByLabel('Language file to open')
    await field.setInputFiles({ name: 'wrong.json', mimeType: 'application/json', buffer: Buffer.from(text) })
    await page.getByRole('button', { name: 'Open', exact: true }).click()
    await expect(page.getByRole('alert').filter({ hasText: words })).toBeVisible()
    await expect(field).toHaveAttribute('aria-invalid', 'true')
  }
  await wrong('{\n oops', /is not JSON: .* at line 2, column/)
  await wrong('{"LocalizedStrings":[]}', /has no list of countries/)
  await wrong(' '.repeat(20_000_000), /has 20000000 bytes; a language file has at most 1048576 bytes/)
})

test('the formats of Microsoft’s products can be downloaded', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto('/countries?tab=formats')
  await page.getByLabel('Primary language').fill('pt-BR')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByRole('group', { name: 'XML fragment' })).toContainText('api.phonefactor.pt-BR')
  const policy = page.getByRole('region', { name: 'Custom policy' })
  const xml = await downloaded(page, policy.getByRole('link', { name: 'Download' }))
  expect(xml.bytes.toString()).toContain('Language="pt-BR"')
  await page.getByLabel('Primary language').fill('english')
  await page.getByRole('button', { name: 'Show' }).click()
  await expect(page.getByText('Must be a language tag such as en, de or pt-BR.')).toBeVisible()
})
