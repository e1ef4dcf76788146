import { type Locator, type Page, request } from '@playwright/test'
import { become, expect, fill, Server, test } from './fixtures.ts'

test.describe.configure({ mode: 'serial' })

/** The gate's decision as a dry run. */
async function ask(server: Server, name: string, question: object): Promise<any> {
  const key = await server.run(['key', 'create', '--name', name, '--scope', 'decisions:write'])
  const api = await request.newContext({
    baseURL: server.url,
    extraHTTPHeaders: { authorization: `Bearer ${key.trim()}` },
  })
  const answer = await api.post('/api/v1/decisions?dry_run=true', { data: question })
  expect(answer.status()).toBe(200)
  return answer.json()
}

/** Clicks the button that opens the preview, and checks the figures there. */
async function look(page: Page, form: Locator | Page): Promise<Locator> {
  await form.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByRole('heading', { name: 'What changes' })).toBeVisible()
  const figures = page.locator('#figures')
  // With JavaScript the figures follow; without it, the page waited for them.
  await expect(figures).toContainText(/would have been refused|There were no attempts/)
  return figures
}

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Saved and active.')).toBeVisible()
}

/** The tests of a worker share a server and run on it twice: with and without JavaScript. */
test('every rule is a sentence, and the page shows the state of the gate', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/rules')
  await expect(page.getByRole('group', { name: 'Gate' })).toContainText('Connected')
  for (const [group, sentence] of [
    ['Number types', 'Premium rate numbers are refused.'],
    ['Limits', '10 codes in 1 h for one device; then delayed.'],
    ['Trust', 'A number that verified within 90 days is trusted'],
    ['When the store cannot be reached', 'While the store cannot be reached, codes are sent'],
  ] as const) {
    await expect(page.getByRole('region', { name: group, exact: true })).toContainText(sentence)
  }
  await expect(page.getByRole('link', { name: 'Try it' })).toHaveAttribute('href', '/captcha')
})

test('a limit is edited in place, previewed and saved', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules')
  await page.getByRole('link', { name: /^Edit: \d+ codes in 1 h for one device/ }).click()
  const form = page.locator('#limits-6')
  await fill(form, { 'Codes at most': '0', Within: '25' })
  await form.getByRole('button', { name: 'Preview' }).click()
  await expect(form.getByText('Must be a whole number from 1 to 10000000.')).toBeVisible()
  await expect(form.getByText('Must be 1 to 86400 seconds (a day).')).toBeVisible()
  await expect(form.getByLabel('Codes at most')).toHaveValue('0')
  await fill(form, { 'Codes at most': '4', Within: '1' })
  await form.getByLabel('Mode').selectOption('shadow')
  await form.getByLabel('Reason').fill('a device is one person')
  await look(page, form)
  await expect(page.locator('.changes')).toContainText('4 codes in 1 h for one device; then delayed. (shadow)')
  await page.getByRole('link', { name: 'Edit again' }).click()
  await expect(form.getByLabel('Codes at most')).toHaveValue('4')
  await look(page, form)
  await save(page)
  const rule = page.locator('#limits-6')
  await expect(rule).toContainText('4 codes in 1 h for one device')
  await expect(rule).toContainText('Shadow')
  await expect(rule).toContainText('a device is one person')
  await expect(rule).toContainText('admin@tollwarden.example')
  await page.goto('/rules?tab=history')
  await page.getByRole('button', { name: 'Restore this' }).first().click()
  await expect(page.getByText(/Version \d+ restored\./)).toBeVisible()
  await page.goto('/rules')
  await expect(page.locator('#limits-6')).toContainText('10 codes in 1 h for one device')
})

test('an error names both of two rules for the same thing, and a limit is added and removed', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/rules?edit=limits.new')
  const form = page.locator('#limits-new')
  await fill(form, { 'Codes at most': '7', Within: '10' })
  await form.getByRole('button', { name: 'Preview' }).click()
  await expect(form).toContainText('Limits 1 and 8 are both for number in 10 min')
  await form.getByLabel('Within').fill('11')
  await look(page, form)
  await save(page)
  await page.locator('#limits-7').getByRole('button', { name: 'Remove' }).click()
  await expect(page.locator('.changes')).toContainText('Removed: 7 codes in 11 min for one number')
  await save(page)
  await expect(page.locator('#limits-7')).toHaveCount(0)
})

test('a kill switch takes effect at once, and ends at once', async ({ page, server }) => {
  await become(page, 'security-lead')
  await page.goto('/rules')
  const stop = page.getByRole('region', { name: 'Stop codes now' })
  await stop.getByLabel('Region').selectOption('JM')
  await stop.getByLabel('For', { exact: true }).selectOption('4 hours')
  await stop.getByLabel('Reason').fill('pumped')
  await stop.getByRole('button', { name: 'Stop codes' }).click()
  await expect(page.getByText('The kill switch is on.')).toBeVisible()
  const switches = page.getByRole('region', { name: 'Kill switches' })
  await expect(switches).toContainText('No codes to Jamaica until')
  await expect(switches).toContainText(/(3 h 59|4 h 0) min left/)
  await expect(switches).toContainText('pumped')
  const question = { phone: '+18765550100', channel: 'sms' }
  const denied = await ask(server, `kill ${test.info().project.name}`, question)
  expect(denied.verdict).toBe('deny')
  expect(denied.reasons[0].code).toBe('kill_switch')

  // Setting the same switch again replaces it, with another end.
  await stop.getByLabel('Region').selectOption('JM')
  await stop.getByLabel('For', { exact: true }).selectOption('Until I remove it')
  await stop.getByRole('button', { name: 'Stop codes' }).click()
  await expect(switches).toContainText('No codes to Jamaica until somebody removes this.')
  await switches.getByRole('button', { name: 'Resume now' }).click()
  await expect(page.getByText('The kill switch is off: codes are sent again.')).toBeVisible()
  expect((await ask(server, `off ${test.info().project.name}`, question)).verdict).toBe('allow')
})

test('a number can be tried, and the link does not contain the number', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules?tab=try')
  await page.getByLabel('Number', { exact: true }).fill('87655')
  await page.getByLabel('IP address').fill('nowhere')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  await expect(page.getByText('Must be an IPv4 or IPv6 address')).toBeVisible()
  await expect(page.getByLabel('Number', { exact: true })).toHaveValue('87655')
  // A premium rate number of the United States.
  await page.getByLabel('Number', { exact: true }).fill('+1 900 234 5678')
  await page.getByLabel('Channel').selectOption('voice')
  await page.getByLabel('User', { exact: true }).fill('Zoe@Customers.example')
  await page.getByLabel('IP address').fill('203.0.113.9')
  await page.getByRole('button', { name: 'Try', exact: true }).click()
  const answer = page.getByRole('region', { name: 'The gate’s answer' })
  await expect(answer).toContainText('Refused')
  await expect(answer).toContainText('Premium rate')
  await expect(answer.getByRole('row', { name: /Type of number/ })).toContainText('Enforced')
  await expect(answer).toContainText('We cannot send a code to this number.')
  expect(page.url()).toContain('of=n_')
  expect(page.url()).not.toMatch(/9002345678|zoe/i)
  const link = await page.getByRole('link', { name: 'Link that repeats this check' }).getAttribute('href')

  await become(page, 'auditor')
  await page.goto(link!)
  await expect(answer).toContainText('Refused')
  expect(await page.content()).not.toMatch(/900\D*234/)
  await expect(page.locator('main form[method=post]')).toHaveCount(0)
})

test('number rules: a list is imported, found by a number, and exported', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules?tab=numbers')
  const paste = page.locator('details').filter({ has: page.getByText('Paste a list', { exact: true }) })
  if ((await paste.getAttribute('open')) === null) await paste.locator('summary').click()
  await paste.getByLabel('List', { exact: true }).fill('• +4407400*')
  await look(page, paste)
  await expect(page.getByText('+4407400* seems never to apply: leave out the national prefix')).toBeVisible()
  await page.goto('/rules?tab=numbers')
  if ((await paste.getAttribute('open')) === null) await paste.locator('summary').click()
  await paste.getByLabel('List', { exact: true }).fill('+1876*\nnonsense\n+1876*')
  await paste.getByRole('button').click()
  await expect(page.getByText(/^Line 2: /)).toBeVisible()
  await expect(page.getByText('Line 3: numbers: +1876* has a rule in line 1.')).toBeVisible()
  await expect(paste.getByLabel('List', { exact: true })).toHaveValue('+1876*\nnonsense\n+1876*')
  await paste
    .getByLabel('List', { exact: true })
    .fill('numbers,action,reason\n+1876*,deny,pumped\n+18765550111,allow,ours')
  await look(page, paste)
  await expect(page.locator('.changes')).toContainText('New: Numbers that begin with +1876 are refused. Reason: pumped')
  await save(page)

  await page.getByRole('searchbox', { name: 'Number, beginning or reason' }).fill('+18765550111')
  await page.getByRole('searchbox', { name: 'Number, beginning or reason' }).press('Enter')
  await expect(page.getByText('that match +18765550111, longest first')).toBeVisible()
  expect(page.url()).not.toContain('18765550111')
  const rows = page.locator('.number-rules tbody tr')
  await expect(rows).toHaveCount(2)
  await expect(rows.first()).toContainText('Let through')

  const file = await page.request.get('/rules/numbers.csv')
  expect(await file.text()).toContain('\'+18765550111,allow,,"ours",enforce')

  await become(page, 'auditor')
  await page.goto('/rules?tab=numbers')
  await expect(rows).toHaveCount(2)
  expect(await page.content()).not.toContain('18765550111')
  expect((await page.request.get('/rules/numbers.csv')).status()).toBe(403)

  await become(page, 'admin')
  for (const numbers of ['+1876*', '+18765550111']) {
    await page.goto('/rules?tab=numbers')
    await page
      .getByRole('form', { name: `Remove ${numbers}` })
      .getByRole('button')
      .click()
    await save(page)
  }
  await expect(page.getByText('No number has a rule.')).toBeVisible()
})

test('prices are uploaded as a file, and a negative price is refused', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules?tab=prices')
  const choose = page.locator('details').filter({ has: page.getByText('Choose a file', { exact: true }) })
  const send = async (text: string) => {
    await choose.locator('summary').click()
    const buffer = Buffer.from(text)
    await choose.getByLabel('CSV file').setInputFiles({ name: 'prices.csv', mimeType: 'text/csv', buffer })
  }
  await send('to,channel,amount\nJM,sms,-0.24\nUS,*,0.0075\n')
  await choose.getByRole('button', { name: 'Preview' }).click()
  await expect(page.getByText(/^Line 2: amount: .* must be an amount/)).toBeVisible()
  await send('to,channel,amount\nJM,sms,0.2410\n+1876*,*,0.30\n')
  await look(page, choose)
  await save(page)
  const row = page.getByRole('row', { name: /Jamaica JM/ })
  await expect(row).toContainText('0.241')
  const paste = page.locator('details').filter({ has: page.getByText('Paste a list', { exact: true }) })
  await paste.locator('summary').click()
  await paste.getByLabel('List', { exact: true }).fill('')
  await paste.getByLabel('An empty list removes all prices').check()
  await look(page, paste)
  await save(page)
  await expect(page.getByText('There are no prices')).toBeVisible()
})

test('messages to users are written for each language', async ({ page }) => {
  await become(page, 'security-lead')
  await page.goto('/rules?tab=messages&edit=user_message.texts.new')
  const form = page.locator('#user_message-texts-new')
  await fill(form, {
    Language: 'not a tag',
    'For users who are refused': 'Geht nicht. {help_desk}',
    'For users who must wait': 'Warten Sie {minutes}.',
  })
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form.getByText('Must be named by a language tag such as en or pt-BR (BCP 47).')).toBeVisible()
  await expect(form.getByLabel('For users who must wait')).toHaveValue('Warten Sie {minutes}.')
  await form.getByLabel('Language').fill('de')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(page.getByText('Saved and active.')).toBeVisible()
  await expect(page.getByRole('region', { name: 'What users see' })).toContainText('Warten Sie 4 Minuten.')
  await page.locator('#user_message-texts-de').getByRole('button', { name: 'Remove' }).click()
  await expect(page.getByText('Saved and active.')).toBeVisible()
})

test('the second of two saves shows both changes and can be repeated', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/rules?edit=trust')
  await page.locator('#trust').getByLabel('For how many days').fill('60')
  await look(page, page.locator('#trust'))
  const other = await page
    .context()
    .browser()!
    .newContext({ baseURL: new URL(page.url()).origin })
  const lead = await other.newPage()
  await become(lead, 'security-lead')
  await lead.goto('/rules?edit=captcha')
  await lead.locator('#captcha').getByLabel('Mode').selectOption('shadow')
  await lead.locator('#captcha').getByLabel('Who is asked').selectOption('everybody')
  await look(lead, lead.locator('#captcha'))
  await save(lead)

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(page.getByText('Somebody else changed the rules in the meantime. Nothing was saved.')).toBeVisible()
  await expect(page.locator('.others')).toContainText('Everybody must solve a captcha. (shadow)')
  await expect(page.locator('.others')).toContainText('security-lead@tollwarden.example')
  await save(page)
  await expect(page.locator('#trust')).toContainText('within 60 days')
  await expect(page.locator('#trust')).toContainText('admin@tollwarden.example')
  await expect(page.locator('#captcha')).toContainText('Everybody must solve a captcha.')
  await other.close()
  // Restore the original value for the following tests.
  await page.goto('/rules?tab=history')
  await page.getByRole('form', { name: 'Restore this: version 0', exact: true }).getByRole('button').click()
  await expect(page.getByText('Version 0 restored.')).toBeVisible()
})

test('an auditor can read the rules but not change them', async ({ page }) => {
  await become(page, 'auditor')
  for (const tab of [
    '',
    '?tab=numbers',
    '?tab=prices',
    '?tab=messages',
    '?tab=try',
    '?tab=history',
    '?edit=trust',
    '?draft=0',
  ]) {
    await page.goto(`/rules${tab}`)
    await expect(page.getByRole('heading', { level: 1, name: 'Rules' })).toBeVisible()
    await expect(page.locator('main form[method=post]')).toHaveCount(0)
  }
  expect((await page.request.get('/rules/figures?draft=0')).status()).toBe(403)
})
