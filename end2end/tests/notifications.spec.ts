import type { Page } from '@playwright/test'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, become, email, enter, expect, test } from './fixtures.ts'

/** A name that no other test uses, because both projects run on one server. */
const unique = (name: string) => `${name}-${Math.random().toString(36).slice(2, 8)}`

const add = async (page: Page, kind: 'E-mail' | 'Webhook', address: string) => {
  await page.goto('/notifications')
  await fillAndAdd(page, kind, address)
}

const fillAndAdd = async (page: Page, kind: 'E-mail' | 'Webhook', address: string) => {
  await page.getByLabel('By', { exact: true }).selectOption({ label: kind })
  await page.getByLabel('Address').fill(address)
  await page.getByRole('button', { name: 'Add recipient' }).click()
}

const open = async (page: Page, address: string) => {
  await page.goto('/notifications')
  await page.getByRole('link', { name: `Change ${address}` }).click()
  await expect(page.getByRole('heading', { level: 2, name: address })).toBeVisible()
}

test('a recipient is added, changed, paused and removed', async ({ page }) => {
  const address = `${unique('soc')}@example.com`
  await become(page, 'security-lead')
  await add(page, 'E-mail', address)
  await expect(page.getByRole('status').filter({ hasText: 'was added' })).toBeVisible()
  const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: address }) })
  await expect(row).toContainText('All')
  await expect(row).toContainText('Active')

  await open(page, address)
  const panel = page.getByRole('region', { name: address })
  await panel.getByLabel('Set-up change').uncheck()
  await panel.getByRole('button', { name: 'Save alerts' }).click()
  await expect(row).not.toContainText('Set-up change')
  await expect(row).toContainText('Fraud report, Block')

  await panel.getByRole('button', { name: 'Pause' }).click()
  await expect(row).toContainText('Paused')
  await panel.getByRole('button', { name: 'Resume' }).click()
  await expect(row).toContainText('Active')

  await panel.getByText('Remove…').click()
  await panel.getByRole('button', { name: 'Remove recipient' }).click()
  await expect(page.getByText(`${address} was removed.`)).toBeVisible()
  await expect(row).toHaveCount(0)
})

test('without a mail server, a test mail can be read in the log', async ({ page }) => {
  const address = `${unique('ops')}@example.com`
  await become(page, 'admin')
  await add(page, 'E-mail', address)
  await expect(page.getByText('No mail server is set up, so mails are not sent')).toBeVisible()
  await open(page, address)
  await page.getByRole('button', { name: 'Send a test message' }).click()
  await expect(page.getByText('The test message did not arrive. No mail server is set up')).toBeVisible()
  const log = page.getByRole('region', { name: 'Delivery log' }).first()
  const row = log.getByRole('row').filter({ hasText: address })
  await expect(row).toContainText('Not sent')
  await row.getByRole('link', { name: 'Test' }).click()
  const body = page.getByRole('region', { name: 'Message', exact: true })
  await expect(body).toContainText('sent this message to test delivery to')
  await expect(body).toContainText('Stop these messages in the console: /stop/…')
})

test('an error is shown beside its field, and the input stays', async ({ page }) => {
  await become(page, 'admin')
  await add(page, 'E-mail', 'nobody')
  await expect(page.getByLabel('Address')).toHaveValue('nobody')
  await expect(page.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true')
  await expect(page.getByText('Enter an e-mail address such as alerts@example.com.')).toBeVisible()
  await add(page, 'Webhook', 'https://10.0.0.1/')
  await expect(page.getByText('which is not on the public Internet')).toBeVisible()
  await expect(page.getByLabel('By', { exact: true })).toHaveValue('webhook')
})

test("a webhook's secret is shown once, and a test shows the webhook's answer", async ({ page }) => {
  const asked: { signature: unknown; body: string }[] = []
  const listener = createServer((request, response) => {
    let body = ''
    request.on('data', (part) => (body += part))
    request.on('end', () => {
      asked.push({ signature: request.headers['webhook-signature'], body })
      response.end('thank you')
    })
  })
  await new Promise<void>((done) => listener.listen(0, '127.0.0.1', done))
  // Only this server allows loopback.
  const server = Server.fresh()
  await server.addUser(email('admin'), 'admin')
  process.env.TOLLWARDEN_WEBHOOK_ALLOW = '127.0.0.0/8'
  await server.start().finally(() => delete process.env.TOLLWARDEN_WEBHOOK_ALLOW)
  try {
    const address = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/hook`
    await page.goto(`${server.url}/sign-in?next=/notifications`)
    await enter(page, email('admin'))
    await fillAndAdd(page, 'Webhook', address)
    await expect(page.getByText(/^whsec_[A-Za-z0-9+/=]+$/)).toBeVisible()
    await page.goto(`${server.url}/notifications`)
    await expect(page.getByText('whsec_')).toHaveCount(0)
    await page.getByRole('link', { name: `Change ${address}` }).click()
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await expect(page.getByText('accepted the test message: 200 OK: thank you')).toBeVisible()
    expect(asked).toHaveLength(1)
    expect(asked[0]?.signature).toMatch(/^v1,/)
    expect(JSON.parse(asked[0]?.body ?? '')).toMatchObject({ type: 'test' })
  } finally {
    listener.close()
    await server.stop()
  }
})

test('an auditor can see recipients but not change anything', async ({ page }) => {
  await become(page, 'auditor')
  await page.goto('/notifications')
  await expect(page.getByRole('heading', { level: 2, name: 'Recipients' })).toBeVisible()
  await expect(page.getByRole('button', { name: 'Add recipient' })).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Save kinds' })).toHaveCount(0)
})
