import { createHash } from 'node:crypto'
import { become, expect, test } from './fixtures.ts'

test('a missing token and an invalid token each show an error', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto('/captcha')
  const verify = page.getByRole('region', { name: '3. Verify the token' })
  await verify.getByLabel('For the number').fill('+14155550100')
  await verify.getByRole('button', { name: 'Verify', exact: true }).click()
  await expect(verify.getByRole('textbox', { name: 'Token' })).toHaveAttribute('aria-invalid', 'true')
  await expect(verify).toContainText('Solve a challenge first, or paste a token.')
  await verify.getByRole('textbox', { name: 'Token' }).fill('nonsense')
  await verify.getByRole('button', { name: 'Verify and mark as used' }).click()
  await expect(verify).toContainText('The token is not one that the widget makes')
  await expect(verify.getByRole('textbox', { name: 'Token' })).toHaveValue('nonsense')
  await expect(verify.getByLabel('For the number')).toHaveValue('+14155550100')
})

test('an invalid number gets no challenge', async ({ page }) => {
  await become(page, 'admin')
  await page.goto('/captcha')
  const ask = page.getByRole('region', { name: '1. Get a challenge' })
  await ask.getByLabel('Number').fill('4155550100')
  await ask.getByRole('button', { name: 'Get a challenge' }).click()
  await expect(ask.getByLabel('Number')).toHaveValue('4155550100')
  await expect(ask).toContainText('Must be a plus sign followed by digits only')
  await expect(page.getByRole('region', { name: '2. Solve it' })).toHaveCount(0)
})

test('a token from elsewhere can be pasted', async ({ page, javaScriptEnabled }) => {
  await become(page, 'admin')
  await page.goto('/captcha')
  await page.getByLabel('Number', { exact: true }).fill('+37125550123')
  await page.getByRole('button', { name: 'Get a challenge' }).click()
  const text = await page.getByRole('group', { name: 'Challenge', exact: true }).innerText()
  expect(text).not.toContain('25550123')
  const challenge = JSON.parse(text)
  expect(challenge).toMatchObject({ algorithm: 'SHA-256', maxnumber: 100_000 })
  if (javaScriptEnabled === false) {
    await expect(page.getByText('Solving needs JavaScript')).toBeVisible()
  }
  const hash = (number: number) => createHash('sha256').update(`${challenge.salt}${number}`).digest('hex')
  let number = 0
  while (hash(number) !== challenge.challenge) number += 1
  // The members that ALTCHA's own widget sends, in its order.
  const { algorithm, salt, signature } = challenge
  const payload = { algorithm, challenge: challenge.challenge, number, salt, signature, took: 1 }
  await page.getByRole('textbox', { name: 'Token' }).fill(btoa(JSON.stringify(payload)))
  await page.getByRole('button', { name: 'Verify and mark as used' }).click()
  await expect(page.getByText('Valid, and now used: it is refused next time.')).toBeVisible()
  await page.getByRole('button', { name: 'Verify and mark as used' }).click()
  await expect(page.getByText('The challenge has been used before; ask for a new one.')).toBeVisible()
})
