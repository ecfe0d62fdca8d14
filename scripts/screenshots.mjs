/**
 * `node scripts/screenshots.mjs`: fills a room with a conversation and takes the pictures in docs/screenshots/.
 * The clock of this process and that of the page are set to the same day, so that pictures differ only where the
 * page does. It needs Chromium.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { ensureConsole, ensureInstalled, NODE, ROOT, say, SOURCE_CONDITION } from './bootstrap.mjs'

if (!process.execArgv.includes('holdfast-source')) {
  // The server's sources are imported under their public name, which takes a condition.
  ensureInstalled()
  ensureConsole()
  const args = [...SOURCE_CONDITION, ...process.argv.slice(1)]
  process.exit(spawnSync(NODE, args, { stdio: 'inherit' }).status ?? 1)
}

const { chromium } = await import('playwright-core')
const { createServer } = await import('holdfast/server')
const { servePage } = await import('../src/cli/console-page.ts')

const FOLDER = join(ROOT, 'docs', 'screenshots')
const NOON = Date.parse('2026-03-12T10:42:20Z')
const ZONE = 'Europe/Amsterdam'

const realNow = Date.now
let shiftMs = 0
Date.now = () => realNow() + shiftMs
/** From here on it is `time`, and time goes on. */
const setClock = (time) => {
  shiftMs = time - realNow()
}

const ADA = { id: 'ada', name: 'Ada Meijer' }
const TOMAS = { id: 'tomas', name: 'Tomás Rey' }
const WEN = { id: 'wen', name: 'Wen Li' }
const NOOR = { id: 'noor', name: 'Noor Haddad' }

/** Minutes before noon, who, what. */
const CONVERSATION = [
  [1_190, WEN, 'The new checkout went out at three. Error rate is flat, and the queue is empty.'],
  [1_188, WEN, 'Rollback stays armed until tomorrow morning.'],
  [1_171, NOOR, 'Thanks! I will keep an eye on it tonight.'],
  [64, TOMAS, 'Good morning. Anything left over from last night?'],
  [62, NOOR, 'One card retry at 02:10, it went through on the second attempt. Otherwise quiet.'],
  [61, NOOR, 'The graph: https://status.example/checkout?from=02:00'],
  [38, ADA, 'I am on the train to Utrecht, so I will drop out in the tunnel. Write anyway.'],
  [
    33,
    TOMAS,
    'We will. Two things for you:\n1. the copy on the receipt page\n2. who signs off the refund flow',
  ],
  [12, ADA, 'Back again. All of it arrived at once, in order.'],
  [11, ADA, 'Receipt page: shorter. “Paid. The receipt is in your mail.” is enough.'],
  [6, WEN, 'Then I disarm the rollback now.'],
  [4, NOOR, 'Do it. I signed off the refund flow this morning, the notes are in the ticket.'],
]
const ELSEWHERE = [
  ['design', 30, NOOR, 'The receipt page in both themes is in the shared folder.'],
  ['deploys', 45, WEN, 'checkout 4.12 is on all nodes'],
  ['deploys', 6, WEN, 'checkout 4.12: rollback disarmed'],
]

const server = createServer({
  fallback: servePage(),
  rules: [{ pattern: 'chat/*', retention: { ageMs: 7 * 86_400_000 } }],
})
let message = 0
const publish = (room, minutes, author, text) => {
  setClock(NOON - minutes * 60_000)
  return server.publish(`chat/${room}`, { id: `said-${++message}`, author, text })
}

setClock(NOON)
const { url } = await server.listen()
for (const [minutes, author, text] of CONVERSATION) await publish('lobby', minutes, author, text)
for (const [room, ...rest] of ELSEWHERE) await publish(room, ...rest)
setClock(NOON)

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--font-render-hinting=none',
  ],
})

/** A page of someone's, at the time of this process. */
const open = async (person, options = {}, room = 'lobby') => {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: ZONE,
    reducedMotion: 'reduce',
    ...options,
  })
  await context.addInitScript(
    ({ person, shiftMs }) => {
      localStorage.setItem('holdfast.person', JSON.stringify(person))
      const RealDate = Date
      const now = () => RealDate.now() + shiftMs
      globalThis.Date = class extends RealDate {
        constructor(...args) {
          if (args.length === 0) super(now())
          else super(...args)
        }
        static now() {
          return now()
        }
      }
    },
    { person, shiftMs },
  )
  const page = await context.newPage()
  await page.goto(`${url}/console/#/chat/${room}`)
  await page.locator('.message, .run').first().waitFor()
  return page
}

const others = []
for (const person of [WEN, NOOR, TOMAS]) others.push(await open(person))

const SIZES = [
  ['1440', { viewport: { width: 1440, height: 900 } }],
  ['390', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }],
]
const EXTRA = process.argv.includes('--all')

mkdirSync(FOLDER, { recursive: true })
const shoot = async (page, name, folder = FOLDER) => {
  const path = join(folder, `${name}.png`)
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
  say(path)
}

/** Does it in light, then on the same page in dark, so that the two pictures differ in nothing else. */
const inBoth = async (page, take) => {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await take(colorScheme)
  }
}

for (const [width, size] of SIZES) {
  const page = await open(ADA, size)
  await page.locator('.message', { hasText: 'Do it.' }).waitFor()
  await page.waitForFunction(() => document.fonts.ready.then(() => true))
  // A few deliveries, so that there is a delay to show: someone changes their name and back.
  for (const [index, other] of others.entries()) await nod(other, index)
  if (width === '1440') await page.locator('.people li').nth(3).waitFor()
  await page.locator('.number, .bar-delay').first().getByText(/ms/).waitFor()
  await inBoth(page, (colorScheme) => shoot(page, `chat-${width}-${colorScheme}`))
  if (EXTRA) await shootExtras(page, width)
  await page.context().close()
}

// Traffic that changes its transport, at each width in a room of its own.
for (const [room, [width, size]] of [
  ['checkout', SIZES[0]],
  ['payments', SIZES[1]],
]) {
  if (width !== '1440' && !EXTRA) continue
  for (const [minutes, author, text] of CONVERSATION.slice(-7)) await publish(room, minutes, author, text)
  setClock(NOON)
  const page = await open(ADA, size, room)
  await switchUnderTraffic(page)
  const folder = width === '1440' ? FOLDER : '/tmp'
  await inBoth(page, (colorScheme) => shoot(page, `switch-${width}-${colorScheme}`, folder))
  await page.context().close()
}

async function switchUnderTraffic(page) {
  await inPanel(page, async () => {
    await page.getByRole('radio', { name: '20/s' }).check()
    let ticks = 0
    for (const title of ['WebSocket', 'SSE', 'Long polling', 'Polling', 'WebSocket']) {
      await page.getByRole('radio', { name: new RegExp(`^${title}`) }).check()
      ticks += 60
      await page.locator('.ribbon span').nth(ticks).waitFor({ state: 'attached' })
    }
    await page.getByRole('radio', { name: 'Off' }).check()
    await page.locator('.tally', { hasNotText: 'on the way' }).waitFor()
  })
}

/** Does it in the delivery panel, which is a sheet where the page is narrow. */
async function inPanel(page, act) {
  const bar = page.locator('.transport-bar')
  const sheet = await bar.isVisible()
  if (sheet) await bar.click()
  await act()
  if (sheet) await page.getByRole('button', { name: 'Close' }).click()
}

/** What is looked at and not kept: the sheets, an empty room, a message refused and one that waits. */
async function shootExtras(page, width) {
  const both = (name) => inBoth(page, (colorScheme) => shoot(page, `${name}-${width}-${colorScheme}`, '/tmp'))
  for (const [name, button] of [
    ['extra-sheet', page.locator('.transport-bar')],
    ['extra-rooms', page.getByRole('button', { name: 'Rooms and people' })],
  ]) {
    if (!(await button.isVisible())) continue
    await button.click()
    await both(name)
    await page.getByRole('button', { name: 'Close' }).click()
  }
  await page.goto(`${url}/console/#/chat/empty-${width}`)
  await page.getByText('Nothing has been said').waitFor()
  await both('extra-empty')
  await page.getByRole('textbox', { name: /^Message/ }).fill('long '.repeat(14_000))
  await page.getByRole('button', { name: 'Send' }).click()
  await page.locator('.unsent[data-state=failed]').waitFor()
  // An open socket outlives what the browser is told; requests do not.
  await inPanel(page, async () => {
    await page.getByRole('radio', { name: /^Polling/ }).check()
    await page.locator('.in-use[data-transport=polling]').waitFor()
  })
  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await page.getByRole('textbox', { name: /^Message/ }).fill('Written in the tunnel.')
  await page.getByRole('button', { name: 'Send' }).click()
  await page.getByText('Waiting for the connection').waitFor()
  await both('extra-unsent')
}

/** Makes the presence log move, without a trace in the room. */
async function nod(page, index) {
  const { name } = [WEN, NOOR, TOMAS][index]
  for (const each of [`${name} `, `${name}.`, name]) {
    await page.getByRole('button', { name: 'Change your name' }).click()
    await page.getByLabel('Your name').fill(each)
    await page.getByLabel('Your name').press('Enter')
  }
}

await browser.close()
await server.close()
