/** `usePresence`: entering once, staying while any view wants it, and leaving with the last. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createElement } from 'react'
import { usePresence } from 'holdfast/react'
import { Drawings, Stage, viewOf } from './stage.ts'

type Props = { readonly name: string; readonly self?: unknown }

const presenceView = () => viewOf(({ name, self }: Props) => usePresence(name, self))
const shown = (members: ReadonlyMap<string, unknown>): string => JSON.stringify([...members.values()])

/** Another client, and everything that it saw. */
const watch = (stage: Stage, name: string): Drawings<string> => {
  const seen = new Drawings<string>()
  stage
    .client()
    .channel(name)
    .presence.on((members) => seen.add(shown(members)))
  return seen
}

test('strict mode, new data and a second view are no coming and going; the last view is', async (context) => {
  const stage = await Stage.open(context)
  const seen = watch(stage, 'room')
  const [View, drawings] = presenceView()
  const client = stage.client()
  const two = (first: unknown, second: unknown) => [
    first !== undefined && createElement(View, { key: 1, name: 'room', self: first }),
    second !== undefined && createElement(View, { key: 2, name: 'room', self: second }),
  ]
  const root = stage.show(two('a', undefined), client)
  await seen.until((all) => all === '["a"]')
  await drawings.until((members) => shown(members) === '["a"]')
  stage.draw(root, two('b', undefined), client)
  await seen.until((all) => all === '["b"]')
  stage.draw(root, two('b', 'b'), client)
  stage.draw(root, two(undefined, 'b'), client)
  await drawings.until((members) => shown(members) === '["b"]')
  await stage.settled(client)
  stage.draw(root, two(undefined, undefined), client)
  await seen.until((all) => all === '[]')
  assert.deepEqual(seen.all, ['["a"]', '["b"]', '[]'])
})

test('who only looks is nobody, and what nobody looks at is not followed', async (context) => {
  const stage = await Stage.open(context)
  const guest = stage.client()
  await guest.channel('room').presence.enter('guest')
  const [View, drawings] = presenceView()
  const client = stage.client()
  const root = stage.show(createElement(View, { name: 'room' }), client)
  await drawings.until((members) => shown(members) === '["guest"]')
  assert.equal(drawings.last.size, 1)
  root.unmount()
  await stage.following(0, client)
  await guest.channel('room').presence.enter('renamed')
  // A view that begins to look again begins with who is there now.
  const [Again, later] = presenceView()
  stage.show(createElement(Again, { name: 'room' }), client)
  assert.equal(shown(await later.until((members) => members.size > 0)), '["renamed"]')
})

test('another name is another room, and the first is left', async (context) => {
  const stage = await Stage.open(context)
  const [first, second] = [watch(stage, 'one'), watch(stage, 'two')]
  const [View] = presenceView()
  const client = stage.client()
  const root = stage.show(createElement(View, { name: 'one', self: 'me' }), client)
  await first.until((all) => all === '["me"]')
  stage.draw(root, createElement(View, { name: 'two', self: 'me' }), client)
  await Promise.all([first.until((all) => all === '[]'), second.until((all) => all === '["me"]')])
})
