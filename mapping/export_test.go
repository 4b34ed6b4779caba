package mapping

// CompilePrograms compiles every column to a program, also those that would not need one.
func CompilePrograms(spec Spec) (*Mapping, error) { return compile(spec, true) }

// Countries is the number of countries.
const Countries = (len(countries) + 1) / 3

// LoadSlowly is Load without loadPlain.
func (v *View) LoadSlowly(item []byte) error {
	v.reset()
	return v.load(item, func(_ int, err error) error { return err })
}
