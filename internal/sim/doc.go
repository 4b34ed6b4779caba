// Package sim is the whole house under a seed: the table and its stream, the real stream-handler, a standard queue, the
// control table, the real flusher and the simulated org, in virtual time, with faults between any two effects.
//
// Everything that one part does to another (a send, a read, a conditional write, an attempt at a call of Okta) is an effect
// and passes the gate. The gate lets one effect happen at a time: it waits until every other goroutine is blocked, sorts
// the effects that wait by their labels and takes one by the seed. So the code under test may sleep, start goroutines and
// set timers as it likes, and a seed still has one course only. At the gate an effect may be made to fail, before or after
// it happened, to wait, or to be the last of its process.
//
// Run plays a seed: for a while people change and things fail; then the faults stop, the house drains, and what Okta has is
// compared with what the table has. What must hold at every step is checked at the gate. Themes make plays likelier that
// chance would hardly make, and a plan that failed can be kept and is played ever after. See docs/reliability.md.
//
// Where a line belongs:
//
//   - what passes the gate, and when: gate, actor, fault, trace
//   - the parts that are simulated: table, stream, queue, store, transport, stranger; edges, by which the code under test
//     holds them; memory, the same without the gate for other packages' tests
//   - what is decided before a play begins: plan, ops, item; theme and the themes (rush, crowd, ward, flood); shrink
//   - what goes on in a play: house, run, supervise; doing, people and syncing of the world and the operator, flushers of
//     the code under test
//   - what must hold: checks and final, with views of what a flush knows; of one subject each: calls, orders, lane,
//     approvals, holds, excuses, leavers, ages, travel; invariants, their names
//   - what comes of it: totals
package sim
