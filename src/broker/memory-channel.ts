/**
 * One life of one channel in the memory broker: its log, its ledger and, where it is conflated, the latest
 * entry of each key. Every method is one atomic step. It knows nothing of watchers or names.
 */
import {
  type AppendRequest,
  type AppendResult,
  type ChannelInfo,
  type ChannelOptions,
  Conflation,
  type Run,
  type Cursor,
  Ledger,
  type LedgerOptions,
  Log,
  type Page,
  type PageLimit,
  type Publication,
  type ReadRequest,
  refuseEntry,
  type RefusalCode,
  resume,
  type ResumeOptions,
} from '../channel/index.ts'

export class MemoryChannel {
  readonly log: Log
  readonly ledger: Ledger
  readonly #options: ChannelOptions
  readonly #createdMs: number
  readonly #conflation: Conflation | undefined

  constructor(epoch: string, options: ChannelOptions, nowMs: number, ledger: LedgerOptions) {
    this.log = new Log(epoch)
    this.ledger = new Ledger(ledger)
    this.#options = options
    this.#createdMs = nowMs
    this.#conflation = options.conflated ? new Conflation() : undefined
  }

  append(request: AppendRequest, nowMs: number): AppendResult {
    const { producer } = request
    const decided = producer === undefined ? undefined : this.#checkLedger(producer)
    if (decided !== undefined) return decided
    const refusal = this.#refuse(request)
    if (refusal !== undefined) return refusal
    const first = this.log.top + 1
    for (const entry of request.entries) this.#appendOne(entry, producer, nowMs)
    const last = this.log.top
    if (request.close === true) this.log.status = 'closed'
    if (producer !== undefined) this.ledger.accept(producer, { first, last }, nowMs)
    this.#dropped(this.log.retain(this.#options.retention, nowMs))
    return { kind: 'appended', epoch: this.log.epoch, first, last, time: nowMs }
  }

  read(request: ReadRequest): Page {
    const conflation = request.conflate === true ? this.#conflation : undefined
    const options: ResumeOptions = {
      ephemeral: this.#options.ephemeral,
      ...(conflation === undefined ? {} : { conflatedFrom: conflation.servesFrom }),
    }
    const resumption = resume(request.from, this.log, options)
    const { after } = resumption
    const { entries, upTo } =
      conflation === undefined
        ? this.#plainRun(after, request.limit)
        : conflation.read(after, this.log, request.limit)
    return {
      kind: 'page',
      epoch: this.log.epoch,
      floor: this.log.floor,
      top: this.log.top,
      status: this.log.status,
      contentType: this.#options.contentType,
      conflated: this.#options.conflated,
      gap: resumption.kind === 'gap' ? resumption.why : undefined,
      skippedFrom: resumption.kind === 'skip' ? resumption.from : undefined,
      after,
      upTo,
      entries,
    }
  }

  /** Lets go of everything before `offset`; false when there was nothing. */
  trim(before: number): boolean {
    const dropped = this.log.trim(before)
    this.#dropped(dropped)
    return dropped.length > 0
  }

  close(): void {
    this.log.status = 'closed'
  }

  delete(): void {
    this.log.trim(this.log.top + 1)
    this.log.status = 'deleted'
  }

  /** Retention by age, and the ledger's; true when the log moved. */
  sweep(nowMs: number): boolean {
    const dropped = this.log.retain(this.#options.retention, nowMs)
    this.#dropped(dropped)
    this.ledger.sweep(nowMs, this.log.count === 0 ? Infinity : this.log.at(this.log.floor).time)
    return dropped.length > 0
  }

  describe(channel: string): ChannelInfo {
    const { epoch, floor, top, status, bytes } = this.log
    return { channel, options: this.#options, epoch, floor, top, status, createdMs: this.#createdMs, bytes }
  }

  #checkLedger(producer: NonNullable<AppendRequest['producer']>): AppendResult | undefined {
    const verdict = this.ledger.check(producer)
    switch (verdict.kind) {
      case 'fresh':
        return undefined
      case 'duplicate':
        return { kind: 'duplicate', epoch: this.log.epoch, ...verdict.result }
      case 'fenced':
        return { kind: 'refused', code: 'producer_fenced', expected: verdict.epoch }
      case 'hole':
        return { kind: 'refused', code: 'producer_hole', expected: verdict.expected }
      case 'unknown':
        return { kind: 'refused', code: 'producer_unknown' }
    }
  }

  #refuse(request: AppendRequest): AppendResult | undefined {
    if (this.log.status === 'closed') return refused('closed')
    if (request.expect !== undefined && !this.#isTail(request.expect)) {
      return { ...refused('expect_failed'), cursor: { epoch: this.log.epoch, offset: this.log.top } }
    }
    for (const entry of request.entries) {
      const code = refuseEntry(entry, this.#options)
      if (code !== undefined) return refused(code)
    }
    return this.#keysAfter(request) > this.#options.maxKeys ? refused('too_many_keys') : undefined
  }

  #isTail(cursor: Cursor): boolean {
    return cursor.epoch === this.log.epoch && cursor.offset === this.log.top
  }

  /** Keys with a value once the request is appended; 0 where it adds none. */
  #keysAfter(request: AppendRequest): number {
    const conflation = this.#conflation
    if (conflation === undefined) return 0
    const last = new Map<string, boolean>()
    for (const { key, remove } of request.entries) if (key !== undefined) last.set(key, remove !== true)
    let added = 0
    for (const [key, present] of last) added += Number(present) - Number(conflation.has(key))
    return added > 0 ? conflation.size + added : 0
  }

  #appendOne(
    entry: AppendRequest['entries'][number],
    producer: AppendRequest['producer'],
    nowMs: number,
  ): void {
    const publication: Publication = {
      offset: this.log.top + 1,
      time: nowMs,
      data: entry.data,
      key: entry.key,
      removed: entry.remove === true,
      producer:
        producer === undefined ? undefined : { id: producer.id, epoch: producer.epoch, seq: producer.seq },
      stamp: undefined,
    }
    this.log.append(publication)
    if (entry.key !== undefined) this.#conflation?.appended(entry.key, publication)
  }

  #plainRun(after: number, limit: PageLimit): Run {
    const upTo = this.log.pageEnd(after, limit)
    const entries = this.log.slice(after, upTo)
    return { entries: entries.map((publication) => ({ from: publication.offset - 1, publication })), upTo }
  }

  #dropped(publications: readonly Publication[]): void {
    this.#conflation?.dropped(publications)
  }
}

const refused = (code: RefusalCode): { kind: 'refused'; code: RefusalCode } => ({ kind: 'refused', code })
