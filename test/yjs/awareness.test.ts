/** Cursors and names: seen by all, by newcomers at once, gone with who leaves, and not to be forged. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Doc } from 'yjs'
import { Awareness, encodeAwarenessUpdate } from 'y-protocols/awareness'
import { Desk, Seat, TRANSPORTS } from './desk.ts'

/** Fulfilled when the awareness of `seat` holds. */
const sees = (
  seat: Seat,
  holds: (states: Map<number, Record<string, unknown>>) => boolean,
): Promise<void> => {
  const { awareness } = seat.binding
  assert.ok(awareness !== undefined)
  return new Promise((resolve, reject) => {
    const check = (): void => {
      if (!holds(awareness.getStates())) return
      awareness.off('change', check)
      clearTimeout(late)
      resolve()
    }
    const late = setTimeout(() => reject(new Error(JSON.stringify([...awareness.getStates()]))), 20_000)
    awareness.on('change', check)
    check()
  })
}

describe('awareness', { timeout: 60_000 }, () => {
  const desk = new Desk()
  before(() => desk.open())
  after(() => desk.close())
  const seat = (channel: string, options = {}, connection = {}): Seat =>
    new Seat(desk.connect(connection), channel, { ...({ awareness: undefined } as object), ...options })

  for (const transport of TRANSPORTS) {
    test(`is seen by others, by newcomers at once, and ends with who leaves, over ${transport}`, async () => {
      const [ada, wen] = [seat('docs/seen', {}, { transport }), seat('docs/seen', {}, { transport })]
      ada.binding.awareness?.setLocalState({ name: 'Ada', at: 1 })
      await sees(wen, (states) => states.get(ada.doc.clientID)?.['name'] === 'Ada')
      for (let at = 2; at <= 30; at++) ada.binding.awareness?.setLocalStateField('at', at)
      await sees(wen, (states) => states.get(ada.doc.clientID)?.['at'] === 30)
      const late = seat('docs/seen', {}, { transport })
      await sees(late, (states) => states.get(ada.doc.clientID)?.['at'] === 30)
      ada.binding.close()
      await sees(wen, (states) => !states.has(ada.doc.clientID))
      await sees(late, (states) => !states.has(ada.doc.clientID))
      wen.binding.close()
      late.binding.close()
    })
  }

  test('is not broken by what others claim, and nobody speaks for another in their own page', async () => {
    const accepted: unknown[] = []
    const ada = seat('docs/claims', {
      acceptState: (state: { name?: unknown }) => {
        accepted.push(state)
        return typeof state.name === 'string' ? { name: state.name } : undefined
      },
    })
    ada.binding.awareness?.setLocalState({ name: 'Ada' })
    const forger = desk.connect().channel('docs/claims/awareness')
    await forger.publish(Uint8Array.from([]))
    await forger.publish(Uint8Array.from([255, 255, 255, 255, 15]))
    await forger.publish(new Uint8Array(20_000))
    const puppet = new Awareness(new Doc())
    puppet.clientID = ada.doc.clientID
    for (let clock = 0; clock < 1_000; clock++) puppet.setLocalState({ name: 'not Ada' })
    await forger.publish(encodeAwarenessUpdate(puppet, [ada.doc.clientID]))
    const stranger = new Awareness(new Doc())
    stranger.setLocalState({ name: 'Mo', script: '<b>' })
    await forger.publish(encodeAwarenessUpdate(stranger, [stranger.clientID]))
    await sees(ada, (states) => states.get(stranger.clientID)?.['name'] === 'Mo')
    assert.deepEqual(ada.binding.awareness?.getStates().get(stranger.clientID), { name: 'Mo' })
    assert.deepEqual(ada.binding.awareness?.getLocalState(), { name: 'Ada' })
    assert.ok(ada.errors.length >= 3)
    assert.ok(accepted.length > 0)
    puppet.destroy()
    stranger.destroy()
    ada.binding.close()
  })

  test('leaves no timer behind when the client is closed', async () => {
    const ada = seat('docs/timers')
    await ada.binding.synced
    ada.client.close()
    await ada.until(({ ended }) => ended !== undefined)
    // Its own is destroyed: nothing is renewed any more.
    assert.equal(ada.binding.awareness?.getLocalState(), null)
    assert.deepEqual(ada.errors, [])
  })
})
