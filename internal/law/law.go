// Package law keeps the shape of the code: which package may import which, what a function may link, and which files are
// pure. It holds nothing but its tests.
package law
