/** The auction in a real browser: two bidders, each transport, and the network at its worst in the moment of a bid. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import type { Browser } from 'playwright-core'
import { AuctionRoom, BidderPage, Way } from './auction-room.ts'
import { launch, PHONE, TRANSPORTS } from './browser.ts'
import { judge } from './judge.ts'

describe('the auction', () => {
  let browser: Browser
  let room: AuctionRoom

  before(async () => {
    browser = await launch()
  })
  after(() => browser?.close())
  beforeEach(async () => {
    room = await AuctionRoom.open()
  })
  afterEach(() => room.close())

  const enter = (name: string, options: object = {}): Promise<BidderPage> =>
    BidderPage.enter(browser, { url: room.url, name, ...options })

  it('works over each of the four transports, for two bidders, who hear of each other at once', async () => {
    const [ada, wen] = [await enter('Ada'), await enter('Wen')]
    await ada.page.getByText('2 people watch').waitFor()
    for (const transport of TRANSPORTS) {
      await Promise.all([ada.use(transport), wen.use(transport)])
      await ada.bid()
      await ada.stands('leading')
      await wen.bid()
      await wen.stands('leading')
      await ada.stands('outbid')
      await ada.page.getByText('You have been outbid by Wen').waitFor()
    }
    const bids = await room.bids()
    assert.equal(bids.length, 2 * TRANSPORTS.length)
    for (const bidder of [ada, wen]) {
      await bidder.sees(bids)
      await bidder.nothingLost()
      await bidder.leave()
    }
  })

  it('two who press for the same step: one has it, the other is told that it was not placed', async () => {
    const [ada, wen] = [await enter('Ada'), await enter('Wen')]
    const held = room.hold()
    await Promise.all([ada.bid(), wen.bid()])
    await Promise.all([ada.isTold('Placing $80.00'), wen.isTold('Placing $80.00'), held.asked])
    held.release()
    const [first] = await Promise.race([ada, wen].map(async (each) => (await each.stands('leading'), [each])))
    const other = first === ada ? wen : ada
    await other.isTold('$80.00 was not placed: another bid was there first. The next bid is $85.00 or more.')
    assert.equal((await room.bids()).length, 1)
    await Promise.all([ada.leave(), wen.leave()])
  })

  it('a change of transport in mid-bid places it once', async () => {
    const [ada, wen] = [await enter('Ada'), await enter('Wen')]
    const tour = ['sse', 'long-polling', 'polling', 'websocket'] as const
    for (const [index, transport] of tour.entries()) {
      const bidder = index % 2 === 0 ? ada : wen
      const held = room.hold()
      await bidder.bid()
      await held.asked
      await bidder.use(transport)
      held.release()
      await bidder.stands('leading')
    }
    const bids = await room.bids()
    assert.equal(bids.length, tour.length)
    for (const bidder of [ada, wen]) {
      await bidder.sees(bids)
      await bidder.nothingLost()
      await bidder.leave()
    }
  })

  for (const transport of ['websocket', 'polling'] as const) {
    it(`a connection that is cut when a bid has been decided: it counts, once, and the bidder gets to know (${transport})`, async () => {
      const way = await Way.open(room.url)
      const ada = await enter('Ada', { url: way.url, failures: true })
      await ada.use(transport)
      const held = room.hold(() => way.cut())
      await ada.bid()
      await held.asked
      held.release()
      await ada.isTold('Asking what became of it')
      way.up()
      await ada.stands('leading')
      assert.deepEqual(await room.bids(), ['1. 80 Ada'])
      await ada.sees(['1. 80 Ada'])
      await ada.leave()
      way.close()
    })

    it(`a connection that is cut before a bid has come, and is there again at once: it counts, once (${transport})`, async () => {
      const way = await Way.open(room.url)
      const ada = await enter('Ada', { url: way.url, failures: true })
      await ada.use(transport)
      // However slow this machine is, the bid still stands.
      room.clock.aheadMs = -60_000
      way.swallows = true
      await ada.bid()
      await ada.isTold('Placing $80.00')
      way.cut()
      way.up()
      await ada.stands('leading')
      await ada.sees(['1. 80 Ada'])
      assert.deepEqual(await room.bids(), ['1. 80 Ada'])
      await ada.leave()
      way.close()
    })

    it(`a connection that is cut before a bid has come: it does not count, not later either, and the bidder is told (${transport})`, async () => {
      const way = await Way.open(room.url)
      const ada = await enter('Ada', { url: way.url, failures: true })
      await ada.use(transport)
      way.swallows = true
      await ada.bid()
      await ada.isTold('Placing $80.00')
      way.cut()
      await ada.isTold('Asking what became of it')
      // It was away for longer than a bid stands.
      room.clock.aheadMs = 6_000
      way.up()
      await ada.isTold('was not placed: the connection broke before the auctioneer heard it')
      room.clock.aheadMs = 0
      await ada.stands('none')
      assert.deepEqual(await room.bids(), [])
      await ada.bid()
      await ada.stands('leading')
      assert.deepEqual(await room.bids(), ['1. 80 Ada'])
      await ada.leave()
      way.close()
    })
  }

  it('nobody bids while offline: nothing is kept for later, and the page says so', async () => {
    const ada = await enter('Ada', { failures: true })
    await ada.use('polling')
    await ada.page.context().setOffline(true)
    await ada.isTold('no bid is kept for later')
    assert.ok(await ada.button.isDisabled())
    await judge(ada.page, 'offline')
    await ada.page.context().setOffline(false)
    await ada.button.and(ada.page.locator(':enabled')).waitFor()
    assert.deepEqual(await room.bids(), [])
    await ada.leave()
  })

  it('another amount is read, or refused in words', async () => {
    const ada = await enter('Ada')
    const field = ada.page.getByLabel('Another amount')
    for (const [text, fault] of [
      ['minus ten', 'That is no amount.'],
      ['-100', 'That is no amount.'],
      ['79.99', 'The next bid is $80.00 or more.'],
      ['100000', 'A bid is at most $800.00 now'],
    ] as const) {
      await field.fill(text)
      await field.press('Enter')
      await ada.page.locator('.auction-fault', { hasText: fault }).waitFor()
    }
    await field.fill('123.45')
    await field.press('Enter')
    await ada.stands('leading')
    assert.deepEqual(await room.bids(), ['1. 123.45 Ada'])
    await ada.page.reload()
    // The same bidder as before.
    await ada.stands('leading')
    await ada.leave()
  })

  it('time is the server’s, whatever the clock of the computer says', async () => {
    const ada = await enter('Ada', { clockAheadMs: 3_600_000 })
    const left = async (): Promise<number> => {
      const [minutes = NaN, seconds = NaN] = (await ada.page.locator('.auction-time').innerText())
        .split(':')
        .map(Number)
      return minutes * 60 + seconds
    }
    await ada.page.locator('.auction-time', { hasText: /^\d+:\d\d$/ }).waitFor()
    const seconds = await left()
    assert.ok(seconds > 540 && seconds <= 602, `${seconds} s left`)
    // A bid says for how long it stands, by the same clock.
    await ada.bid()
    await ada.stands('leading')
    await ada.leave()
  })

  it('has no fault that axe finds, and fits, at each size and in each theme', async () => {
    const sizes = { wide: { width: 1440, height: 900 }, middle: { width: 768, height: 1024 } }
    const name = 'Ada with a name that is as long as it may'
    for (const context of [{}, PHONE]) {
      const ada = await enter(name, { context })
      if (context !== PHONE) await ada.bid()
      await ada.stands(context === PHONE ? 'none' : 'leading')
      for (const size of context === PHONE ? [PHONE.viewport!, sizes.middle] : [sizes.wide]) {
        await ada.page.setViewportSize(size)
        await judge(ada.page, `${size.width} px`)
      }
      await ada.leave()
    }
  })
})

describe('lot after lot', () => {
  it('ends by itself, says who has won, and the next one opens', async () => {
    const browser = await launch()
    const room = await AuctionRoom.open({ lotMs: 1_500, softCloseMs: 700, pauseMs: 600 })
    const ada = await BidderPage.enter(browser, { url: room.url, name: 'Ada' })
    await ada.bid()
    await ada.stands('won')
    await ada.page.getByText('It is yours, for').waitFor()
    await ada.page.getByText('Lot 2').waitFor()
    await ada.page.locator('.auction-results', { hasText: 'to you' }).waitFor()
    await ada.leave()
    await room.close()
    await browser.close()
  })
})
