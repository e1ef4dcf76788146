import { type Locator, type Page } from '@playwright/test'
import {
  become,
  downloaded,
  expect,
  hydrated,
  onNewServer,
  range,
  type Server,
  sendFailures,
  test,
  truth,
} from './fixtures.ts'

const numbers = 'Failed Phone Authentications by Phone Number – Time Chart'

async function details(page: Page, more = ''): Promise<Locator> {
  await become(page, 'admin')
  await page.goto(`/?tab=details&${range}&bucket=1d${more}`)
  await hydrated(page)
  return page.getByRole('region', { name: numbers })
}

/** Formats numbers as pages do. */
function count(text: string | null): number {
  return Number((text ?? '').replaceAll(/\D/g, ''))
}

async function sum(of: Locator): Promise<number> {
  return (await of.allTextContents()).reduce((all, text) => all + count(text), 0)
}

test('the pointer shows the values of its time', async ({ page }) => {
  const chart = await details(page)
  const readout = chart.locator('.readout')
  await expect(readout).toBeHidden()
  const probe = chart.locator('.probe')
  await probe.scrollIntoViewIfNeeded()
  const edges = (await probe.boundingBox())!
  await page.mouse.move(edges.x + 1, edges.y + edges.height / 2)
  await expect(readout).toBeVisible()
  await expect(readout.locator('caption')).toHaveText('1 Dec')
  const shown = await sum(readout.locator('tr:not([data-sum]):not([hidden]) td'))
  expect(count(await readout.locator('[data-sum] td').textContent())).toBe(shown)
  await page.mouse.move(edges.x + edges.width - 1, edges.y + edges.height / 2)
  await expect(readout.locator('caption')).toHaveText('4 Dec')
  await page.mouse.move(0, 0)
  await expect(readout).toBeHidden()
})

test('arrow keys move through the times, and all days add up to the total', async ({ page }) => {
  const chart = await details(page)
  const slider = chart.getByRole('slider')
  await slider.focus()
  let all = 0
  for (const day of ['1 Dec', '2 Dec', '3 Dec', '4 Dec']) {
    await page.keyboard.press('ArrowRight')
    await expect(slider).toHaveAttribute('aria-valuetext', new RegExp(`^${day}: .*Total`))
    all += count(await chart.locator('.readout [data-sum] td').textContent())
  }
  expect(all).toBe(truth.all.total)
  await page.keyboard.press('Home')
  await expect(slider).toHaveAttribute('aria-valuenow', '0')
  await page.keyboard.press('Escape')
  await expect(chart.locator('.readout')).toBeHidden()
})

test('the legend hides series and shows them again', async ({ page }) => {
  const chart = await details(page)
  const first = chart.getByRole('button', { name: /^Show / }).first()
  const shape = chart.locator('.drawing polygon').last()
  const drawn = await chart.locator('.drawing polygon').first().getAttribute('points')
  await expect(first).toHaveAttribute('aria-pressed', 'true')
  await first.focus()
  await page.keyboard.press('Space')
  await expect(first).toHaveAttribute('aria-pressed', 'false')
  await expect(shape).toBeHidden()
  await expect(chart.locator('.drawing polygon').first()).not.toHaveAttribute('points', drawn!)
  // Hidden series are not among the values either.
  await chart.getByRole('slider').focus()
  await page.keyboard.press('Home')
  await expect(chart.locator('.readout tr').first()).toBeHidden()
  await first.click()
  await expect(shape).toBeVisible()
  await expect(chart.locator('.drawing polygon').first()).toHaveAttribute('points', drawn!)
})

test('one click shows the numbers as a table, and one click returns', async ({ page }) => {
  const chart = await details(page)
  await chart.getByRole('link', { name: 'Table', exact: true }).click()
  await expect(chart.getByRole('table')).toBeVisible()
  await expect(chart.locator('tbody tr')).toHaveCount(4)
  expect(await sum(chart.locator('tbody td:last-child'))).toBe(truth.all.total)
  await chart.getByRole('link', { name: 'Chart', exact: true }).click()
  await expect(chart.locator('.drawing')).toBeVisible()
})

/** Downloads the picture of a tile. */
async function taken(page: Page, tile: Locator, word: string, title: string, kind: string): Promise<Buffer> {
  const file = await downloaded(page, tile.getByRole('button', { name: `Download ${title} as ${kind}` }))
  expect(file.name).toBe(`${word}.${kind.toLowerCase()}`)
  return file.bytes
}

/** The text of a picture. The picture is self-contained: valid XML, with colours that any program reads. */
async function read(
  page: Page,
  svg: string,
): Promise<{ fills: (string | null)[]; legend: (string | null)[]; words: string[] }> {
  expect(svg).not.toContain('var(')
  const { root, ...parsed } = await page.evaluate((text) => {
    const svg = new DOMParser().parseFromString(text, 'image/svg+xml')
    const fills = (selector: string) => [...svg.querySelectorAll(selector)].map((shape) => shape.getAttribute('fill'))
    return {
      root: svg.documentElement.namespaceURI,
      fills: fills('polygon'),
      legend: fills('svg > rect[rx]'),
      words: [...svg.querySelectorAll('text')].map((text) => text.textContent ?? ''),
    }
  }, svg)
  expect(root).toBe('http://www.w3.org/2000/svg')
  for (const fill of parsed.fills) expect(fill).toMatch(/^#[0-9a-f]{6}$/)
  expect(new Set(parsed.fills).size).toBe(parsed.fills.length)
  return parsed
}

test('a chart can be saved as a picture', async ({ page }) => {
  const chart = await details(page)
  const file = (kind: string) => taken(page, chart, 'failures-by-number', numbers, kind)
  const parsed = await read(page, (await file('SVG')).toString())
  expect(parsed.fills.length).toBeGreaterThan(3)
  expect(parsed.words[0]).toBe(numbers)
  expect(parsed.words.join(' ')).toContain('Other')
  const png = await file('PNG')
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  const width = (await chart.locator('.drawing').boundingBox())!.width
  expect(png.readUInt32BE(16)).toBeGreaterThan(2 * width)
})

test('a donut can be saved with its total and its legend', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(`/?${range}`)
  await hydrated(page)
  const title = 'Phone Failures – Client Browsers'
  const tile = page.getByRole('region', { name: title })
  const file = (kind: string) => taken(page, tile, 'browsers', title, kind)
  const parsed = await read(page, (await file('SVG')).toString())
  const browsers = Object.entries(truth.all.browsers)
  expect(parsed.fills.length).toBe(browsers.length)
  // The legend has the colours of the slices.
  expect(parsed.legend).toEqual(parsed.fills)
  expect(parsed.words[0]).toBe(title)
  expect(parsed.words).toContain(`${truth.all.total}`)
  for (const [name, failures] of browsers) {
    expect(parsed.words.some((words) => words.startsWith(`${name}\u2003${failures}\u2003`))).toBe(true)
  }
  const png = await file('PNG')
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  expect(png.readUInt32BE(16)).toBe(960)
  // A table cannot be saved as a picture.
  await tile.getByRole('link', { name: 'Table', exact: true }).click()
  await expect(tile.getByRole('table')).toBeVisible()
  await expect(tile.getByRole('button', { name: /^Download/ })).toHaveCount(0)
})

test('the map can be saved with its colour steps', async ({ page }) => {
  await become(page, 'admin')
  await page.goto(`/?tab=conversion&${range}`)
  await hydrated(page)
  const title = 'Failed attempts by region'
  const tile = page.getByRole('region', { name: title })
  const file = (kind: string) => taken(page, tile, 'map', title, kind)
  const svg = (await file('SVG')).toString()
  const parsed = await read(page, svg)
  const steps = tile.locator('.map-legend li')
  expect(parsed.legend.length).toBe(await steps.count())
  expect(parsed.words.slice(2)).toEqual(await steps.allTextContents())
  // Regions have the colours of their steps.
  for (const colour of parsed.legend.slice(1)) expect(svg).toMatch(new RegExp(`<path[^>]* fill="${colour}"`))
  const png = await file('PNG')
  expect(png.subarray(1, 4).toString()).toBe('PNG')
})

test('the timeline shows the codes sent in the previous period as a dashed line', async ({ page }) => {
  const strip = page.getByRole('region', { name: 'Timeline' })
  const entry = (name: string) => strip.locator('.strip-legend li').filter({ hasText: name })
  await become(page, 'admin')
  await page.goto(`/?${range}`)
  const sent = (await entry('Sent').locator('.legend-count').textContent())!
  expect(count(sent)).toBeGreaterThan(0)
  await expect(strip.locator('[stroke="#212121"]')).toHaveCount(0)
  await expect(entry('Previous period')).toHaveCount(0)

  // The following days, in which nothing was sent.
  const [from, to] = [Date.parse(truth.from), Date.parse(truth.to)]
  const end = new Date(2 * to - from).toISOString()
  await page.goto(`/?from=${truth.to}&to=${end}&compare=yes`)
  await hydrated(page)
  await expect(strip.locator('[stroke="#212121"]')).toHaveCSS('stroke-dasharray', /4px, 3px/)
  await expect(entry('Previous period').locator('.legend-count')).toHaveText(sent)
  await expect(entry('Failed').locator('.delta')).toHaveText('−100 %')
  // At the crosshair and in the table: all buckets add up to the total.
  const slider = strip.getByRole('slider')
  await slider.focus()
  await page.keyboard.press('Home')
  await expect(strip.locator('.readout tr').last()).toContainText('Previous period (sent)')
  await strip.getByText('Numbers of the timeline').click()
  await expect(strip.getByRole('columnheader', { name: 'Previous period (sent)' })).toBeVisible()
  expect(await sum(strip.locator('.series-rows td:last-child'))).toBe(count(sent))
})

/** Sends one failure from each IP address. */
async function send(server: Server, key: string, ips: string[]): Promise<void> {
  const failures = ips.map((ip) => ({ channel: 'sms', phone: '+14155552671', ip }))
  await sendFailures(server, key, failures)
}

onNewServer('admin')('a hidden series stays hidden when the chart is updated', async ({ page, newServer, key }) => {
  await send(newServer, key, ['198.51.100.7', '198.51.100.7', '203.0.113.9'])
  const live = page.waitForResponse((response) => response.url().endsWith('/live') && response.ok())
  await page.goto('/?tab=details&range=7d')
  await hydrated(page)
  await live
  const chart = page.getByRole('region', { name: 'Failed Phone Authentications by IP Address – Time Chart' })
  const entry = (ip: string) => chart.locator('.legend li').filter({ hasText: ip })
  const toggle = entry('203.0.113.9').getByRole('button')
  // Series are drawn from back to front: the one with fewer failures is on top, and first in the list.
  const shape = chart.locator('.drawing polygon').first()
  await toggle.click()
  await expect(shape).toBeHidden()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)

  const renewed = async () => {
    await expect(toggle).toHaveAttribute('aria-pressed', 'false')
    await expect(shape).toBeHidden()
    await expect(chart.locator('.drawing polygon').last()).toBeVisible()
  }
  await send(newServer, key, ['198.51.100.7'])
  await expect(entry('198.51.100.7').locator('.legend-count')).toHaveText('3')
  await renewed()

  // In the meantime the table is shown, and is updated, too.
  await chart.getByRole('link', { name: 'Table', exact: true }).click()
  await expect(chart.getByRole('table')).toBeVisible()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.mouse.move(0, 0)
  await send(newServer, key, ['198.51.100.7'])
  await expect.poll(() => sum(chart.locator('tbody td:last-child'))).toBe(5)
  await chart.getByRole('link', { name: 'Chart', exact: true }).click()
  await renewed()
  await toggle.click()
  await expect(shape).toBeVisible()
})

test.describe('the timeline', () => {
  let strip: Locator

  test.beforeEach(async ({ page }) => {
    await become(page, 'admin')
    await page.goto(`/?${range}&channel=voice&ip-failures.q=198.51`)
    await hydrated(page)
    strip = page.getByRole('region', { name: 'Timeline' })
  })

  /** Drags from one fraction of the width to another. */
  async function drag(page: Page, from: number, to: number): Promise<void> {
    const edges = (await strip.locator('.probe').boundingBox())!
    const y = edges.y + edges.height / 2
    await page.mouse.move(edges.x + edges.width * from, y)
    await page.mouse.down()
    await page.mouse.move(edges.x + edges.width * to, y, { steps: 5 })
    await page.mouse.up()
  }

  test('zooms by dragging, all tiles follow, and Escape returns', async ({ page }) => {
    await drag(page, 0.26, 0.49)
    await expect(page).toHaveURL(/from=2020-12-02T\d\d%3A00%3A00Z&to=2020-12-0[23]T\d\d%3A00%3A00Z/)
    await expect(page).toHaveURL(/channel=voice/)
    await expect(page).toHaveURL(/ip-failures\.q=198\.51/)
    const total = page.getByRole('region', { name: 'Total failures' })
    await expect(total).not.toContainText(`${truth.voice.total}`)
    await hydrated(page)
    await strip.getByRole('slider').focus()
    await page.keyboard.press('Escape')
    await expect(page).toHaveURL(new RegExp(`from=${truth.from}&to=${truth.to}`.replaceAll(':', '(:|%3A)')))
    await expect(total).toContainText(`${truth.voice.total}`)
  })

  test('zooms with keys', async ({ page }) => {
    await strip.getByRole('slider').focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowLeft']) {
      await page.keyboard.press(key)
    }
    await expect(strip.getByRole('slider')).toHaveAttribute('aria-valuetext', /^1 Dec 01:00 – 1 Dec 02:00: Sent/)
    await expect(strip.getByRole('link', { name: 'Zoom in' })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(page).toHaveURL(/from=2020-12-01T01%3A00%3A00Z&to=2020-12-01T03%3A00%3A00Z/)
  })

  test('has handles that move, and a double click returns', async ({ page }) => {
    await strip.getByRole('slider').focus()
    await page.keyboard.press('ArrowRight')
    const handle = (await strip.locator('[data-handle=to]').boundingBox())!
    const edges = (await strip.locator('.probe').boundingBox())!
    await page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2)
    await page.mouse.down()
    await page.mouse.move(edges.x + edges.width * 0.495, handle.y + 10, { steps: 4 })
    await page.mouse.up()
    await strip.getByRole('link', { name: 'Zoom in' }).click()
    await expect(page).toHaveURL(/from=2020-12-01T00%3A00%3A00Z&to=2020-12-03T00%3A00%3A00Z/)
    await hydrated(page)
    await strip.locator('.probe').dblclick()
    await expect(page).toHaveURL(/from=2020-12-01T00(:|%3A)00(:|%3A)00Z&to=2020-12-05T00/)
  })

  test('clears the selection first on Escape', async ({ page }) => {
    const before = page.url()
    await strip.getByRole('slider').focus()
    await page.keyboard.press('End')
    await expect(strip.locator('.brush')).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(strip.locator('.brush')).toBeHidden()
    expect(page.url()).toBe(before)
  })
})
