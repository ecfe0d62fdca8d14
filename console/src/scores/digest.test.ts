import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fixturesOf } from '../../../examples/scores/league.ts'
import { playMatch } from '../../../examples/scores/match.ts'
import { isNews, type MatchEvent } from '../../../examples/scores/match-event.ts'
import { digestOf } from './digest.ts'

const newsOfRound = (round: number): MatchEvent[] =>
  fixturesOf(round)
    .flatMap((fixture) => playMatch(fixture).filter(isNews))
    .sort((a, b) => a.atMs - b.atMs)

test('the digest of whole rounds is their results, the latest first, with every goal', () => {
  const digest = digestOf([...newsOfRound(7), ...newsOfRound(8)], 6)!
  assert.deepEqual([digest.finished, digest.earlierRounds, digest.unplayedRounds], [8, 0, 0])
  assert.deepEqual(
    digest.matches.map(({ round, place }) => `${round}-${place}`),
    ['8-0', '8-1', '8-2', '8-3', '7-0', '7-1', '7-2', '7-3'],
  )
  const goals = digest.matches.reduce((sum, { score }) => sum + score[0]! + score[1]!, 0)
  assert.equal(digest.goals, goals)
  assert.equal(
    digest.matches.flatMap(({ moments }) => moments).filter(({ kind }) => kind === 'goal').length,
    goals,
  )
})

test('nothing is no digest; a match that is still played is said to be', () => {
  assert.equal(digestOf([], 3), undefined)
  const goal = newsOfRound(7).find(({ kind }) => kind === 'goal')
  assert.deepEqual(
    digestOf([goal!], 7)?.matches.map(({ over }) => over),
    [false],
  )
})

test('rounds that nobody was told of are counted, older ones are not listed', () => {
  const items = [20, 21, 22, 23].flatMap(newsOfRound)
  const digest = digestOf(items, 10)!
  assert.deepEqual([digest.earlierRounds, digest.unplayedRounds], [1, 9])
  assert.equal(digestOf(items, 20)?.unplayedRounds, 0)
  assert.equal(digestOf(items, 19)?.unplayedRounds, 0)
  assert.equal(digestOf(items, undefined)?.unplayedRounds, 0)
})
