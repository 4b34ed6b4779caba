package sample

import "slices"

// country is what people of one country are made of. In patterns # is a digit.
type country struct {
	code          string // ISO 3166-1 alpha-2
	titles        []string
	first, last   []name
	streets       []string
	towns         []town
	phones, cells []string
}

// name is a name as it is written, and in the letters that an e-mail address takes.
type name struct{ name, latin string }

type town struct{ city, state, postcode string }

var countries = slices.Concat(western, northern, eastern, asian, rightToLeft)
