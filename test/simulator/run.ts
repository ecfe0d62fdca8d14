/** One run of one seed, from an empty world to an empty world, and what was found in it. */
import { Chance } from './chance.ts'
import type { Follower } from './follower.ts'
import { type Fault, type Plan, planOf } from './plan.ts'
import { Troubles } from './troubles.ts'
import { type Violation, World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly plan: Plan
  readonly hash: string
  readonly steps: number
  /** Virtual milliseconds. */
  readonly ms: number
  readonly delivered: number
  readonly published: Record<string, number>
  readonly violations: readonly Violation[]
  readonly trace: readonly string[]
}

/** Faults in which a broker does not answer. */
const REFUSALS: readonly Fault[] = ['broker crash', 'broker cut off', 'node crash', 'rollback']
/** After everything works again, everyone has everything within this time. */
const RECOVERY_MS = 180_000
/** More steps than any run needs. */
const MOST_STEPS = 60_000

export const run = async (seed: number, options: { readonly traced?: boolean } = {}): Promise<Outcome> => {
  const chance = new Chance(seed)
  const plan = planOf(seed, chance)
  const world = new World(plan, chance, options.traced === true)
  // Errors are made by the thousand, as refusals and cuts; nobody reads where.
  Error.stackTraceLimit = options.traced === true ? 10 : 0
  const rejected = (error: unknown): void =>
    world.violate('no fault of its own', `unhandled: ${String(error)}`)
  process.on('unhandledRejection', rejected)
  try {
    await live(world)
  } catch (error) {
    world.violate('no fault of its own', `thrown: ${(error as Error).stack ?? String(error)}`)
  } finally {
    process.off('unhandledRejection', rejected)
  }
  let delivered = 0
  for (const { client } of world.clients) delivered += client.state.counts.delivered
  return {
    seed,
    plan,
    hash: world.trace.hash,
    steps: world.clock.steps,
    ms: world.clock.nowMs,
    delivered,
    published: world.publishers.counts,
    violations: world.violations,
    trace: world.trace.lines,
  }
}

const live = async (world: World): Promise<void> => {
  const { clock, plan, violations } = world
  const troubles = new Troubles(world)
  begin(world)
  const lengthMs = schedulePublications(world)
  troubles.schedule(lengthMs)
  await until(world, lengthMs)
  troubles.heal()
  await caughtUp(world)
  if (violations.length > 0) return
  await promptNow(world)
  if (violations.length > 0) return
  if (plan.calm) checkRepairs(world)
  await end(world)
  world.note('world', `ends after ${clock.steps} steps`)
}

/** Everyone follows something: most from the beginning, some later. */
const begin = (world: World): void => {
  const { chance, clients, clock, plan, script } = world
  for (const client of clients) {
    plan.channels.forEach((kind, at) => {
      const follow = (): Follower =>
        client.follow({
          channel: world.channel(at),
          from: chance.pick(['start', 'now']),
          conflate,
          ...(chance.happens(0.2) && { iteratesMs: chance.pick([0, 5, 400]) }),
        })
      // All of a client's subscriptions of one channel are of one kind.
      const conflate = kind === 'conflated' && chance.happens(0.7)
      follow()
      if (plan.faults.has('late subscriber')) clock.after(script, chance.between(0, 30_000), follow)
    })
  }
}

/** @returns how long it takes, milliseconds. */
const schedulePublications = (world: World): number => {
  const { chance, clock, plan, script } = world
  let atMs = 0
  for (let count = 0; count < plan.publications; count++) {
    atMs += plan.publishGapMs * chance.between(0.3, 1.7)
    const burst = chance.happens(0.2) ? chance.whole(2, plan.burst) : 1
    clock.after(script, atMs, () => {
      for (let each = 0; each < burst; each++) publish(world)
    })
  }
  return atMs + plan.publishGapMs
}

const publish = (world: World): void => {
  const { chance, clients, plan } = world
  const channel = world.channel(chance.whole(0, plan.channels.length - 1))
  if (chance.happens(0.3)) world.publishDirectly(channel)
  else chance.pick(clients).publish(channel)
}

/** Steps until `ms` from now, and looks at what is bounded after each step. */
const until = async (world: World, ms: number, enough: () => boolean = () => false): Promise<void> => {
  const { clock, clients, script, violations } = world
  const most = clock.steps + MOST_STEPS
  let over = false
  clock.after(script, ms, () => (over = true))
  await clock.drive(() => {
    for (const client of clients) client.inspect()
    if (clock.steps > most) world.violate('a run ends', `${MOST_STEPS} steps were not enough`)
    return over || violations.length > 0 || enough()
  })
}

/** Once everything works, everyone reaches the head, and every publication has its outcome. */
const caughtUp = async (world: World): Promise<void> => {
  const { clock, clients, script, violations } = world
  const lag = (): string | undefined =>
    clients.map((client) => client.lag()).find((each) => each !== undefined)
  let there = false
  const look = (): void => {
    there = lag() === undefined
    if (!there) clock.after(script, 250, look)
  }
  look()
  await until(world, RECOVERY_MS, () => there)
  if (!there && violations.length === 0) world.violate('everyone reaches the head', String(lag()))
}

/** What is published now reaches everyone soon. */
const promptNow = async (world: World): Promise<void> => {
  const { chance, clients, clock, plan } = world
  // Connections that are dead without anybody's knowing must have been found out first.
  await until(world, 60_000, () => clients.every(({ path }) => !path.deaf))
  // Whoever was told that the broker is unavailable rests for a while, and then asks again.
  if (REFUSALS.some((fault) => plan.faults.has(fault))) await until(world, 20_000)
  await caughtUp(world)
  world.promptFromMs = clock.nowMs
  for (let count = 0; count < 2; count++) {
    plan.channels.forEach((_, at) => chance.pick(clients).publish(world.channel(at)))
    await until(world, Math.max(...clients.map(({ promptMs }) => promptMs)) + 1_000)
  }
  await caughtUp(world)
}

const checkRepairs = (world: World): void => {
  for (const { name, client, followings } of world.clients) {
    const { repairs, lost, duplicated } = client.state.counts
    // An iterator whose buffer is full passes over what comes, and asks for it again. And what is brought for a later
    // subscription of a channel has a hole for an earlier one that is still behind.
    const full = followings.some(({ slow }) => slow) && world.plan.iteratorLimit < 1_000
    if (repairs > 0 && !full && !world.plan.faults.has('late subscriber'))
      world.violate('no repairs without faults', `${name} repaired ${repairs} times`)
    if (lost > 0 || duplicated > 0)
      world.violate('the audit agrees', `${name}: ${lost} lost, ${duplicated} doubled`)
  }
}

/** Everything goes, in good order, and leaves nothing. */
const end = async (world: World): Promise<void> => {
  const { clients, hosts, publishers, store } = world
  world.promptFromMs = Infinity
  for (const client of clients) client.close()
  publishers.check()
  await until(world, 5_000)
  for (const host of hosts) host.node?.dispose()
  await until(world, 1_000)
  for (const host of hosts) host.cut()
  await until(world, 1_000)
  for (const host of hosts) {
    for (const left of host.stop()) world.violate('nothing is left', `${host.name}: ${left}`)
  }
  if (store.watchers > 0) world.violate('nothing is left', `${store.watchers} watchers`)
}
