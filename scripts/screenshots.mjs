/**
 * `node scripts/screenshots.mjs [page …]`: takes the pictures in docs/screenshots/, each page (or those named) as on a
 * desktop and on a phone, in light and in dark. People talk and write, the simulations run, the lab measures. The
 * clocks of this process and of the pages are set to the same day and its chance is seeded, so that pictures differ
 * little where the page does not. It needs Chromium.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureConsole, ensureInstalled, NODE, ROOT, say, SOURCE_CONDITION } from './bootstrap.mjs'
import { smallerPng } from './smaller-png.mjs'

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
const { loadUseCases } = await import('../src/cli/use-cases.ts')
const { Lab } = await import('../src/lab/node.ts')

const FOLDER = process.env.SCREENSHOTS ?? join(ROOT, 'docs', 'screenshots')
const NOON = Date.parse('2026-03-12T10:42:20Z')

const realNow = Date.now
let shiftMs = 0
Date.now = () => realNow() + shiftMs
/** From here on it is `time`, and time goes on. */
const setClock = (time) => {
  shiftMs = time - realNow()
}

let seed = 20_260_312
Math.random = () => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
  return seed / 2 ** 32
}

const ADA = { id: 'ada', name: 'Ada Meijer' }
const TOMAS = { id: 'tomas', name: 'Tomás Rey' }
const WEN = { id: 'wen', name: 'Wen Li' }
const NOOR = { id: 'noor', name: 'Noor Haddad' }

/** Room, minutes before noon, who, what. */
const SAID = [
  ['lobby', 1_190, WEN, 'The new checkout went out at three. Error rate is flat, and the queue is empty.'],
  ['lobby', 1_188, WEN, 'Rollback stays armed until tomorrow morning.'],
  ['lobby', 1_171, NOOR, 'Thanks. I will keep an eye on it tonight.'],
  ['lobby', 64, TOMAS, 'Good morning. Anything left over from last night?'],
  ['lobby', 62, NOOR, 'One card retry at 02:10, it went through on the second attempt. Otherwise quiet.'],
  ['lobby', 61, NOOR, 'The graph: https://status.example/checkout?from=02:00'],
  ['deploys', 45, WEN, 'checkout 4.12 is on all nodes'],
  ['lobby', 38, ADA, 'I am on the train to Utrecht, so I will drop out in the tunnel. Write anyway.'],
  ['lobby', 33, TOMAS, 'We will. Two things for you:\n1. the copy on the receipt page\n2. the refund flow'],
  ['design', 30, NOOR, 'The receipt page in both themes is in the shared folder.'],
  ['lobby', 12, ADA, 'Back again. All of it arrived at once, in order.'],
  ['lobby', 11, ADA, 'Receipt page: shorter. “Paid. The receipt is in your mail.” is enough.'],
  ['lobby', 6, WEN, 'Then I disarm the rollback now.'],
  ['lobby', 4, NOOR, 'Do it. I signed off the refund flow this morning, the notes are in the ticket.'],
]

const WRITTEN = [
  '# Receipt page',
  '',
  'One sentence is enough, and it is the same in every mail.',
  '',
  '- **Paid.** The receipt is in your mail.',
  '- *Refunded.* The money is back in three days.',
  '',
  'Wen writes the copy, Noor signs it off before Thursday.',
]

setClock(NOON)
const useCases = await loadUseCases(true)
const lab = new Lab()
const server = createServer({
  admin: 'open',
  rules: useCases.rules,
  limits: { commandsPerSecond: 500, commandBurst: 500 },
  fallback: servePage({ examples: true, lab: true, admin: 'open' }),
})
lab.attach(server)
const endUseCases = useCases.start(server)
const { url } = await server.listen()
for (const [index, [room, minutes, author, text]] of SAID.entries()) {
  setClock(NOON - minutes * 60_000)
  await server.publish(`chat/${room}`, { id: `said-${index}`, author, text })
}
setClock(NOON)

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium-headless-shell',
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
const open = async (person, path, options = {}) => {
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Amsterdam',
    reducedMotion: 'reduce',
    viewport: { width: 1_024, height: 700 },
    ...options,
  })
  context.setDefaultTimeout(60_000)
  await context.addInitScript(
    ({ person, shiftMs }) => {
      localStorage.setItem('holdfast.person', JSON.stringify(person))
      const RealDate = Date
      globalThis.Date = class extends RealDate {
        constructor(...args) {
          super(...(args.length === 0 ? [RealDate.now() + shiftMs] : args))
        }
        static now() {
          return RealDate.now() + shiftMs
        }
      }
    },
    { person, shiftMs },
  )
  const page = await context.newPage()
  await page.goto(`${url}/console/#/${path}`)
  await page.locator('h1').first().waitFor()
  return page
}

const seconds = (page, n) => page.waitForTimeout(n * 1_000)

const SIZES = [
  ['1440', { viewport: { width: 1440, height: 900 } }],
  ['390', { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }],
  ...(process.env.SCREENSHOTS ? [['768', { viewport: { width: 768, height: 1024 }, hasTouch: true }]] : []),
]

/** Each page: where it is, who else is there, and what happens on it before it is looked at. */
const PAGES = {
  overview: { path: '', act: publishSome },
  chat: { path: 'chat', others: [WEN, NOOR, TOMAS], act: (page) => page.getByText('Do it.').waitFor() },
  game: { path: 'game', act: (page) => seconds(page, 6) },
  ticker: { path: 'ticker', act: (page) => seconds(page, 12) },
  editor: { path: 'editor', others: [WEN, NOOR], act: writeTogether },
  scores: { path: 'scores', act: (page) => seconds(page, 4) },
  auction: { path: 'auction', others: [NOOR], act: (page) => seconds(page, 12) },
  lab: { path: 'lab', act: measure },
  inspector: { path: 'inspector', act: sendSome },
  admin: { path: 'admin', others: [WEN, NOOR, TOMAS], act: (page) => seconds(page, 5) },
}

/** Until the four lanes of the overview are full. */
async function publishSome(page) {
  await page.getByRole('button', { name: 'Publish ten' }).click()
  await seconds(page, 14)
}

async function writeTogether(page, others) {
  const [wen] = others
  for (const each of [page, ...others]) await each.locator('[data-saving=saved]').waitFor()
  if (await page.getByText('welcome is empty').isVisible()) {
    await wen.locator('.cm-content').focus()
    for (const line of WRITTEN) await wen.keyboard.type(`${line}\n`)
  }
  for (const [index, other] of others.entries()) {
    await other.locator('.cm-line').nth([2, 5][index]).click()
    await other.keyboard.press('End')
  }
  await page.getByText(WRITTEN.at(-1)).waitFor()
  await seconds(page, 2)
}

async function measure(page) {
  const count = page.getByRole('textbox', { name: 'How many' })
  const knobs = page.getByText('Rate, size and network')
  const folded = await knobs.isVisible()
  if (folded) await knobs.click()
  await count.fill('150')
  await count.press('Enter')
  if (folded) await knobs.click()
  await page.getByRole('button', { name: 'Measure', exact: true }).click()
  await page.getByRole('button', { name: 'Measure again' }).waitFor()
  await page.locator('.lab-body').evaluate((body) => body.scrollTo(0, 0))
  await seconds(page, 1)
}

async function sendSome(page) {
  await page.getByRole('button', { name: 'Send' }).and(page.locator(':enabled')).waitFor()
  for (const text of ['Hello', 'and again', 'The bytes of this message are shown as they are on the wire.']) {
    await page.getByRole('textbox', { name: 'Text to send' }).fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }
  await seconds(page, 2)
}

mkdirSync(FOLDER, { recursive: true })
const wanted = process.argv.slice(2).filter((each) => !each.startsWith('-'))
const sizes = SIZES.filter(([width]) => wanted.every((each) => !/^\d+$/.test(each)) || wanted.includes(width))
for (const [name, { path, others = [], act }] of Object.entries(PAGES)) {
  if (wanted.some((each) => each in PAGES) && !wanted.includes(name)) continue
  const company = []
  for (const person of others) company.push(await open(person, name === 'admin' ? 'chat' : path))
  for (const [width, size] of sizes) {
    const page = await open(ADA, path, size)
    page.on('pageerror', (error) => say(`${name} ${width}: ${error.message}`))
    await act(page, company).catch((error) => say(`${name} ${width}: ${error.message}`))
    await page.mouse.move(640, 2)
    // In dark on the same page, so that the two pictures differ in nothing else.
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      const file = join(FOLDER, `${name}-${width}-${colorScheme}.png`)
      writeFileSync(file, smallerPng(await page.screenshot({ animations: 'disabled', caret: 'hide' })))
      say(file)
    }
    await page.context().close()
  }
  for (const each of company) await each.context().close()
}

await browser.close()
endUseCases()
await lab.close()
await server.close({ graceMs: 100 })
