/** The admin pages in a real browser: looked at, acted with, locked, and attacked by names that want to be markup. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { createServer, type HoldfastServer, type ServerOptions } from 'holdfast/server'
import { connect } from 'holdfast'
import { servePage } from '../../src/cli/console-page.ts'
import { DESKTOP, launch, PHONE } from './browser.ts'
import { judge } from './judge.ts'

const SECRET = 'correct-horse-battery-staple'
const SCRIPT = '<script>document.title="owned"</script><img src=x onerror="document.title=\'owned\'">'

interface Node {
  readonly server: HoldfastServer
  readonly url: string
}

const open = async (admin: ServerOptions['admin'], limits = {}): Promise<Node> => {
  const mode = admin === undefined ? 'off' : admin === 'open' ? 'open' : 'secret'
  const fallback = servePage({ examples: false, admin: mode })
  const server = createServer({ ...(admin && { admin }), fallback, limits })
  return { server, url: (await server.listen()).url }
}

describe('the admin pages', () => {
  let browser: Browser
  let node: Node

  before(async () => {
    browser = await launch()
    node = await open('open')
  })
  after(async () => {
    await browser?.close()
    await node?.server.close({ graceMs: 100 })
  })

  const faults: string[] = []
  const visit = async (path: string, url = node.url, options: BrowserContextOptions = {}): Promise<Page> => {
    const context = await browser.newContext({ ...DESKTOP, reducedMotion: 'reduce', ...options })
    context.setDefaultTimeout(30_000)
    const page = await context.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`${url}/console/#/admin${path}`)
    return page
  }

  it('shows what goes on, anew each second', async () => {
    const page = await visit('')
    const publications = page.locator('.admin-figures > div', { hasText: 'publications' }).locator('.quiet')
    await publications.waitFor()
    const before = Number((await publications.innerText()).split(' ')[0])
    for (let n = 0; n < 7; n++) await node.server.publish('ticks', n)
    await page
      .locator('.admin-figures > div', { hasText: 'publications' })
      .locator('.quiet', { hasText: `${before + 7} in all` })
      .waitFor()
    await page.context().close()
  })

  it('shows a channel with whatever name and content as text, and can publish to it, and delete it', async () => {
    await node.server.publish(SCRIPT, { html: SCRIPT })
    const page = await visit('/channels')
    await page.getByLabel('Name contains').fill('<script>')
    await page.getByRole('link', { name: SCRIPT }).click()
    await page.getByRole('heading', { name: SCRIPT }).waitFor()
    await page.locator('.admin-entries', { hasText: 'owned' }).waitFor()
    assert.equal(await page.locator('.admin img, .admin script').count(), 0)
    assert.equal(await page.title(), 'Admin · Holdfast')

    await page.getByLabel('Publish JSON').fill('{"from": "the operator"}')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.locator('.admin-entries', { hasText: 'the operator' }).waitFor()
    await page.getByLabel('Publish JSON').fill('{nonsense')
    await page.getByRole('button', { name: 'Publish' }).click()
    await page.getByText('That is not JSON.').waitFor()
    assert.equal((await node.server.describe(SCRIPT))?.top, 2)

    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('2 publications').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    assert.equal((await node.server.describe(SCRIPT))?.top, 2, 'nothing happens before it is confirmed')
    await page.getByRole('button', { name: 'Delete' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await page.getByLabel('Name contains').waitFor()
    assert.equal(await node.server.describe(SCRIPT), undefined)
    await page.context().close()
  })

  it('shows a session with its channels, and disconnects it; it comes back', async () => {
    const client = connect(node.url, { transport: 'sse', backoff: { minMs: 1, maxMs: 10 } })
    const got: unknown[] = []
    await client.channel('watched').subscribe(({ data }) => got.push(data)).ready
    const page = await visit('/sessions')
    await page.getByRole('link', { name: client.state.member! }).click()
    await page.getByRole('link', { name: 'watched' }).waitFor()
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click()
    const ended = new Promise<void>((resolve) => client.on('state', ({ error }) => error && resolve()))
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await ended
    await node.server.publish('watched', 'after')
    await page.getByRole('row', { name: /watched 1 1 0/ }).waitFor()
    assert.deepEqual(got, ['after'])
    assert.equal(client.state.counts.lost + client.state.counts.gaps, 0)
    client.close()
    await page.context().close()
  })

  it('disconnecting oneself is said, and survived', async () => {
    const page = await visit('/sessions')
    await page.locator('.admin-own').waitFor()
    await page.locator('.admin-session', { hasText: 'this page' }).getByRole('link').click()
    await page.getByRole('button', { name: 'Disconnect', exact: true }).click()
    await page.getByRole('dialog').getByText('It is the connection of this page.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page
      .getByRole('button', { name: 'Disconnect', exact: true })
      .and(page.locator(':enabled'))
      .waitFor()
    await page.context().close()
  })

  it('asks for the secret, says when it is wrong, keeps it for the tab, forgets it', async () => {
    const locked = await open({ secret: SECRET })
    const page = await visit('', locked.url)
    await page.getByLabel('Secret').fill('wrong-secret-wrong-secret')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByText('That is not the secret of this node.').waitFor()
    await judge(page, 'a wrong secret')
    await page.getByLabel('Secret').fill(SECRET)
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('heading', { name: 'Per second' }).waitFor()
    assert.ok(!page.url().includes(SECRET))
    assert.equal(await page.evaluate(() => JSON.stringify(localStorage).includes('correct-horse')), false)
    await page.reload()
    await page.getByRole('heading', { name: 'Per second' }).waitFor()
    await page.getByRole('button', { name: 'Forget the secret' }).click()
    await page.getByLabel('Secret').waitFor()
    await page.context().close()
    await locked.server.close({ graceMs: 100 })
  })

  it('says when it is off, and when the node is away', async () => {
    const off = await open(undefined)
    const page = await visit('', off.url)
    await page.getByText('This node is not to be looked after from here').waitFor()
    await page.context().close()
    await off.server.close({ graceMs: 100 })
    const gone = await open('open')
    const other = await visit('', gone.url)
    await other.getByRole('heading', { name: 'Per second' }).waitFor()
    await gone.server.close({ graceMs: 100 })
    await other.getByText('The node does not answer.').waitFor()
    await other.getByRole('heading', { name: 'Per second' }).waitFor()
    await other.context().close()
  })

  it('drains the node, once it is confirmed', async () => {
    const going = await open('open')
    const page = await visit('', going.url)
    await page.getByRole('button', { name: 'Drain the node' }).click()
    await page.getByRole('dialog').getByText('This cannot be taken back.').waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Drain the node' }).click()
    await page.getByText('The node is going away.').waitFor()
    assert.equal((await fetch(`${going.url}/healthz`)).status, 503)
    await page.context().close()
    await going.server.close({ graceMs: 100 })
  })

  it('has no fault that axe finds, and fits, at each size and in each theme', async () => {
    await node.server.publish(`a/rather/long/name/${'x'.repeat(200)}`, { text: 'y'.repeat(500) })
    for (const options of [DESKTOP, PHONE]) {
      for (const path of [
        '',
        '/channels',
        `/channel/${encodeURIComponent(`a/rather/long/name/${'x'.repeat(200)}`)}`,
        '/sessions',
      ]) {
        const page = await visit(path, node.url, options)
        await page.locator('.admin-table, .admin-figures, .admin-entries').first().waitFor()
        await judge(page, path)
        await page.context().close()
      }
    }
  })

  it('none of it made an error', () => assert.deepEqual(faults, []))
})
