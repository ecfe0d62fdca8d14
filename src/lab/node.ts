/** The room's other entry, for the command line: what starts processes. */
export { ChildError } from './child.ts'
export { compare, type ComparePlan, type CompareProgress, secondsOf } from './compare.ts'
export * from './index.ts'
export { Lab } from './lab.ts'
