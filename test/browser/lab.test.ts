/**
 * The transport lab in a real browser: what it says agrees with `holdfast compare` and with the kernel, what the network
 * does to a transport is shown, and nothing is left of it when the page is left.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { MEASURED } from 'holdfast/advice'
import { DESKTOP, launch, PHONE, TRANSPORTS, type Transport } from './browser.ts'
import { judge } from './judge.ts'
import { type NodeWithPage, startNode } from './node-with-page.ts'

let node: NodeWithPage
let browser: Browser

before(async () => {
  node = await startNode()
  browser = await launch()
})
// One window measures at a time: what a test has left open would be in the way of the next one.
afterEach(async () => {
  for (const context of browser.contexts()) await context.close()
  while (children().length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
})
after(async () => {
  await browser?.close()
  await node?.stop()
})

/** What a row of the table says, in the order of TRANSPORTS. */
const cells = async (page: Page, label: string): Promise<number[]> => {
  const row = page.getByRole('row', { name: new RegExp(`^${label} `) })
  const texts = await row.getByRole('cell').allInnerTexts()
  return texts.map((text) => {
    const value = Number.parseFloat(text.replaceAll(',', ''))
    return text.endsWith(' s') ? value * 1_000 : value
  })
}

const lane = (page: Page, transport: Transport) => page.locator(`.lab-lane[data-transport=${transport}]`)

const delivered = async (page: Page, transport: Transport, count: number): Promise<void> => {
  await page.waitForFunction(
    ({ transport, count }) =>
      Number(
        document.querySelector<HTMLElement>(`.lab-lane[data-transport=${transport}]`)?.dataset['delivered'],
      ) >= count,
    { transport, count },
  )
}

const set = async (page: Page, label: string, value: number): Promise<void> => {
  const field = page.getByRole('textbox', { name: label })
  await field.fill(String(value))
  await field.press('Enter')
}

const enter = async (context: BrowserContextOptions = DESKTOP): Promise<{ page: Page; faults: string[] }> => {
  const made = await browser.newContext({ reducedMotion: 'reduce', ...context })
  made.setDefaultTimeout(60_000)
  const page = await made.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    // What the knobs break, the browser complains of.
    const network = /Failed to load resource|WebSocket connection|net::ERR_/.test(message.text())
    if (['error', 'warning'].includes(message.type()) && !network) faults.push(message.text())
  })
  // Its node and the measured ones, all of them here, and nobody else.
  const look = (url: string): void => {
    if (new URL(url).hostname !== '127.0.0.1') faults.push(`asked ${url}`)
  }
  page.on('request', (request) => look(request.url()))
  page.on('websocket', (socket) => look(socket.url()))
  await page.goto(`${node.url}/console/#/lab`)
  await page.getByRole('heading', { name: 'Transport lab' }).waitFor()
  return { page, faults }
}

const children = (): string[] =>
  readFileSync(`/proc/${node.pid}/task/${node.pid}/children`, 'utf8').split(' ').filter(Boolean)

describe('the transport lab', () => {
  it('agrees with compare and with the kernel, and shows what a network does', async () => {
    const { page, faults } = await enter()
    await set(page, 'Rate', 20)
    await set(page, 'How many', 5_000)
    await set(page, 'Polling asks every', 500)
    await page.getByRole('button', { name: 'Measure' }).click()
    for (const transport of TRANSPORTS) await delivered(page, transport, 120)
    await agreesWithCompare(page)
    await agreesWithKernel(page)
    await showsTheNetwork(page)
    for (const kind of ['lost', 'duplicated'])
      assert.deepEqual(await page.locator(`.lab-lane [data-count=${kind}]`).allInnerTexts(), [
        '0',
        '0',
        '0',
        '0',
      ])
    assert.equal(children().length, 5)
    await page.goto(`${node.url}/console/#/chat`)
    await page.waitForFunction(() => document.querySelector('.lab') === null)
    while (children().length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    assert.deepEqual(faults, [])
  })

  it('counts to its end, and saves what it has found', async () => {
    const { page, faults } = await enter()
    await set(page, 'Rate', 50)
    await set(page, 'How many', 60)
    await page.getByRole('button', { name: 'Measure' }).click()
    await page.getByRole('button', { name: 'Measure again' }).waitFor()
    for (const transport of TRANSPORTS)
      assert.equal(await lane(page, transport).getAttribute('data-delivered'), '60', transport)
    // What was measured ends by itself, a moment after the page knows.
    while (children().length > 0) await new Promise((resolve) => setTimeout(resolve, 100))
    const [json] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as JSON' }).click(),
    ])
    const saved = JSON.parse(readFileSync(await json.path(), 'utf8')) as { rows: { deliveries: number }[] }
    assert.equal(saved.rows.length, 4)
    const [png] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as image' }).click(),
    ])
    assert.match(png.suggestedFilename(), /^holdfast-lab-.*\.png$/)
    const image = readFileSync(await png.path())
    assert.equal(image.readUInt32BE(16), 1_920)
    assert.ok(image.length > 20_000, `${image.length}`)
    assert.deepEqual(faults, [])
  })

  for (const [size, context] of [
    ['1440 px, dark', { ...DESKTOP, colorScheme: 'dark' }],
    ['768 px, light', { viewport: { width: 768, height: 1024 }, hasTouch: true, colorScheme: 'light' }],
    ['390 px, light', { ...PHONE, colorScheme: 'light' }],
  ] as const) {
    it(`has no fault that axe finds, and fits, at ${size}`, async () => {
      const { page } = await enter(context)
      const knobs = page.getByText('Rate, size and network')
      if (await knobs.isVisible()) await knobs.click()
      await judge(page, 'at first')
    })
  }
})

/** On order and on magnitude: the sum of what compare has measured for what has happened here. */
const agreesWithCompare = async (page: Page): Promise<void> => {
  const [bytes, requests, latency] = await Promise.all(
    ['Bytes a message', 'Requests a message', 'Latency, median'].map((label) => cells(page, label)),
  )
  const cpu = await cells(page, 'Server’s CPU a message')
  for (const [at, transport] of TRANSPORTS.entries()) {
    const cost = MEASURED.costs.find((each) => each.transport === transport)
    const wanted = (cost?.perMessage.bytes ?? 0) + (cost?.perRequest.bytes ?? 0) * (requests?.[at] ?? 0)
    const ratio = (bytes?.[at] ?? 0) / wanted
    assert.ok(ratio > 0.75 && ratio < 1.5, `${transport}: ${bytes?.[at]} bytes, ${wanted} by compare`)
  }
  const [websocket, sse, long, poll] = bytes as [number, number, number, number]
  assert.ok(websocket < sse && sse < poll && poll < long, `${bytes?.join(', ')} bytes`)
  assert.deepEqual(requests?.slice(0, 2), [0, 0])
  assert.ok((cpu[2] ?? 0) > (cpu[0] ?? Infinity), `${cpu.join(', ')} µs`)
  const [first, , , last] = latency as [number, number, number, number]
  assert.ok(last > 100 && first < last, `${latency?.join(', ')} ms`)
}

/** Between two publications all is quiet: then what the page shows is what the kernel has counted. */
const agreesWithKernel = async (page: Page): Promise<void> => {
  await set(page, 'Polling asks every', 10_000)
  await set(page, 'Rate', 1)
  const shown = async (): Promise<number> => {
    const all = await page
      .locator('.lab-lane')
      .evaluateAll((lanes) => lanes.map((each) => Number((each as HTMLElement).dataset['bytes'])))
    return all.reduce((sum, each) => sum + each, 0)
  }
  for (let tries = 200; ; tries--) {
    const before = await shown()
    const kernel = kernelBytes(children())
    if (before === kernel && before === (await shown())) return assert.ok(kernel > 100_000)
    assert.ok(tries > 0, `the page shows ${before}, the kernel has counted ${kernel}`)
    await new Promise((resolve) => setTimeout(resolve, 130))
  }
}

/** Of the connections that these processes have accepted. */
const kernelBytes = (pids: readonly string[]): number => {
  const lines = (args: string[]): string => execFileSync('ss', args, { encoding: 'utf8' })
  const ports = pids.flatMap((pid) => {
    const listening = lines(['-tlnpH'])
      .split('\n')
      .find((line) => line.includes(`pid=${pid},`))
    return /127\.0\.0\.1:(\d+)/.exec(listening ?? '')?.[1] ?? []
  })
  const text = ports.map((port) => lines(['-tinH', 'state', 'established', `( sport = :${port} )`])).join('')
  const sum = (name: string): number =>
    [...text.matchAll(new RegExp(`\\bbytes_${name}:(\\d+)`, 'g'))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    )
  // What the kernel has sent again it counts again; on the socket it was written once.
  return sum('sent') - sum('retrans') + sum('received')
}

/** Without upgrades a WebSocket fails in sight, its client finds SSE when it may choose, and nobody misses anything. */
const showsTheNetwork = async (page: Page): Promise<void> => {
  await page.getByRole('switch', { name: 'Proxy without WebSocket' }).check()
  await set(page, 'Rate', 20)
  const websocket = lane(page, 'websocket')
  await websocket.getByText('The upgrade to a WebSocket does not get through.').waitFor()
  const before = Number(await websocket.getAttribute('data-delivered'))
  await websocket.getByRole('button', { name: 'Let it choose' }).click()
  await websocket.getByText('by SSE').waitFor()
  await delivered(page, 'websocket', before + 20)
  await page.getByText('upgrades do not get through').waitFor()
}
