// Package mapping turns an item of the table into a person of Okta: an externalId, whether the person is active, and the
// profile.
//
// A Spec is compiled once; each goroutine then reads items through a View of its own. An item is DynamoDB JSON:
//
//	{"email":{"S":"jane@example.com"},"active":{"BOOL":true}}
//
// Every right-hand side of a Spec is an expression of expr-lang/expr over the item's attributes, with four differences:
//
//   - An attribute that the item does not have, NULL and the empty string are all nil: absent.
//   - + joins texts and leaves out what is absent, unless one side is known to be a number, a time or a duration when the
//     expression is compiled. Of the literals, those directly before an attribute are kept if an attribute before it is
//     present, a leading literal if the first attribute is, a trailing one if the last is. If all attributes are absent
//     the result is.
//   - A number that neither an int nor a float64 represents digit by digit is a string.
//   - There is no now, keys, values or toPairs: an item must map to the same person every time. $env["first-name"] reads an
//     attribute whose name is no identifier; $env has no other use.
//
// A plain attribute name, a literal, and a join of those are evaluated without expr's virtual machine and to the same end.
package mapping
