/** `authenticate` and `authorize`, however they answer. */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { codeOf, okOf } from '../../server/node-under-test.ts'
import { numbers, type Scene } from './stage.ts'

const slow = (): Promise<void> => delay(5)

export const hooks = (scene: Scene): void => {
  const ANSWERS: Record<string, (allowed: boolean) => boolean | Promise<boolean>> = {
    'at once': (allowed) => allowed,
    later: async (allowed) => slow().then(() => allowed),
  }
  for (const [when, answer] of Object.entries(ANSWERS)) {
    scene(
      `CM9: authorize answers ${when}: what it allows is done, the rest is forbidden`,
      async ({ node, open }) => {
        const follower = open()
        await follower.follow({ mine: { from: '-1' }, theirs: {} })
        const refused = await follower.hears('unsubscribed', 'theirs')
        assert.equal(codeOf(refused), 'forbidden')
        const [no] = await follower.send({ type: 'publish', id: 1, channel: 'theirs', data: 1 })
        const [ok] = await follower.send({ type: 'publish', id: 2, channel: 'mine', data: 1 })
        assert.equal(codeOf(no), 'forbidden')
        okOf(ok)
        await follower.data('mine', 1)
        assert.equal((await node.server.describe('theirs'))?.top, undefined)
      },
      { authorize: ({ channel }) => answer(channel !== 'theirs') },
    )
  }

  const faults: unknown[] = []
  const FAILURES: Record<string, () => boolean | Promise<boolean>> = {
    throws: () => {
      throw new Error('from the hook')
    },
    rejects: () => Promise.reject(new Error('from the hook')),
    'rejects later': async () => slow().then(() => Promise.reject(new Error('from the hook'))),
  }
  for (const [how, fail] of Object.entries(FAILURES)) {
    scene(
      `CM9: an authorize that ${how} forbids, and the node hears of it`,
      async ({ open }) => {
        faults.length = 0
        const follower = open()
        await follower.follow({ a: { presence: 1 } })
        assert.equal(codeOf(await follower.hears('unsubscribed', 'a')), 'forbidden')
        const replies = await follower.send(
          { type: 'publish', id: 1, channel: 'a', data: 1 },
          { type: 'presence', id: 2, channel: 'a', data: 1 },
          { type: 'call', id: 3, method: 'x' },
        )
        for (const reply of replies) assert.equal(codeOf(reply), 'forbidden')
        assert.equal(replies.length, 3)
        assert.ok(faults.length >= 4)
      },
      { authorize: fail, onError: (fault) => faults.push(fault) },
    )
  }

  scene(
    'CM3: an authorize that takes longer for some does not reorder publications',
    async ({ open }) => {
      const follower = open()
      await follower.follow({ a: { from: '-1' } })
      const all = numbers(1, 30).map((id) => ({ type: 'publish', id, channel: 'a', data: id }))
      await follower.send(...all)
      assert.deepEqual(await follower.data('a', 30), numbers(1, 30))
    },
    {
      authorize: ({ action }) => {
        if (action !== 'publish') return true
        return Math.random() < 0.5 ? true : delay(Math.random() * 3).then(() => true)
      },
    },
  )

  const AUTHENTICATES: Record<string, (token: string | undefined) => Promise<{ user: string } | null>> = {
    'says null': async () => null,
    rejects: () => Promise.reject(new Error('no key server')),
    throws: () => {
      throw new Error('no key server')
    },
  }
  for (const [how, authenticate] of Object.entries(AUTHENTICATES)) {
    scene(
      `ID4, RF13: an authenticate that ${how} admits nobody`,
      async ({ open }) => {
        const follower = open({ token: 'any' })
        await follower.follow({ a: {} })
        assert.equal((await follower.said())['code'], how === 'says null' ? 'unauthenticated' : 'internal')
      },
      { authenticate: ({ token }) => authenticate(token), onError: () => undefined },
    )
  }

  scene(
    'ID4: authenticate is given the token and the address, whether it answers at once or later',
    async ({ open }) => {
      for (const token of ['at once', 'later']) {
        const follower = open({ token })
        await follower.follow({ [token]: {} })
        await follower.hears('subscribed', token)
      }
    },
    {
      authenticate: ({ token, address }) => {
        assert.equal(address, '127.0.0.1')
        const who = token === undefined ? null : { user: token }
        return token === 'later' ? slow().then(() => who) : who
      },
      authorize: ({ identity, channel }) => identity.user === channel,
    },
  )
}
