/** Whatever is done with it, it tells the same listeners in the same order as Node's EventEmitter. */
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { test } from 'node:test'
import { SparseEmitter } from './sparse-emitter.ts'

const EVENTS = ['data', 'end', 'error', 'close', 'other'] as const

const dice = (seed: number): ((below: number) => number) => {
  let state = seed * 0x9e3779b1
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

/** What an emitter told whom while all of that was done. */
const play = (emitter: EventEmitter, seed: number): unknown[] => {
  const told: unknown[] = []
  const roll = dice(seed)
  const listeners = Array.from({ length: 4 }, (_, at) => (...values: unknown[]) => {
    told.push([at, ...values])
  })
  for (let step = 0; step < 60; step++) {
    const event = EVENTS[roll(EVENTS.length)]!
    const listener = listeners[roll(listeners.length)]!
    const what = roll(12)
    if (what < 4) emitter.on(event, listener)
    else if (what < 5) emitter.once(event, listener)
    else if (what < 8) emitter.off(event, listener)
    else if (what === 8 && roll(4) === 0) emitter.removeAllListeners(event)
    else if (event !== 'error' || emitter.listenerCount(event) > 0)
      told.push(emitter.emit(event, step, 'value'))
    told.push(
      EVENTS.map((each) => emitter.listenerCount(each)),
      emitter.listenerCount(event, listener),
    )
    told.push(emitter.listeners(event).map((each) => listeners.indexOf(each as never)))
  }
  return told
}

test('it tells whom an EventEmitter tells', () => {
  for (let seed = 1; seed <= 500; seed++)
    assert.deepEqual(play(new SparseEmitter(), seed), play(new EventEmitter(), seed), `seed ${seed}`)
})

test('an error that nobody hears is thrown', () => {
  assert.throws(() => new SparseEmitter().emit('error', new Error('unheard')), /unheard/)
})

test('who hears one may stop hearing there, and somebody else begin', () => {
  const emitter = new SparseEmitter()
  const told: string[] = []
  const second = (): void => void told.push('second')
  emitter.on('data', function first() {
    told.push('first')
    emitter.off('data', first).on('data', second)
  })
  emitter.emit('data')
  emitter.emit('data')
  assert.deepEqual(told, ['first', 'second'])
})

test('it can be awaited', async () => {
  const emitter = new SparseEmitter()
  const closed = once(emitter, 'close')
  emitter.emit('close', 5)
  assert.deepEqual(await closed, [5])
  const failed = once(emitter, 'close')
  emitter.emit('error', new Error('instead'))
  await assert.rejects(failed, /instead/)
  assert.equal(emitter.listenerCount('error'), 0)
})
