package doctor

import (
	"context"
	"strings"

	"rollcall/internal/config"
)

// config tells what is wrong with the settings, but for the mapping.
func (e *examination) config(context.Context) Finding {
	problems := config.Problems(e.Err)
	var wrong []string
	for _, p := range problems {
		if !ofMapping(p) {
			wrong = append(wrong, p.Error())
		}
	}
	if e.Err != nil && len(problems) == 0 {
		wrong = append(wrong, e.Err.Error())
	}
	for _, name := range e.Unknown {
		wrong = append(wrong, name+": no such setting")
	}
	if len(wrong) > 0 {
		return failed("mend rollcall.yaml or the environment; rollcall config check tells the same", "%s", strings.Join(wrong, "\n"))
	}
	return ok("no mistakes")
}

// mapping tells what is wrong with the mapping's expressions. They are known where the file could be read.
func (e *examination) mapping(context.Context) Finding {
	var wrong []string
	known := e.Mapping != nil
	for _, p := range config.Problems(e.Err) {
		known = known || p.Setting != ""
		if ofMapping(p) {
			wrong = append(wrong, p.Error())
		}
	}
	switch {
	case len(wrong) > 0:
		return failed("mend the expressions; rollcall mapping show tries them on an item", "%s", strings.Join(wrong, "\n"))
	case !known:
		return unchecked("needs a configuration that can be read")
	case e.Mapping == nil:
		return ok("no mistakes")
	}
	return ok("%s of the profile are mapped", counted(len(e.Config.Mapping.Profile), "attribute", "attributes"))
}

func ofMapping(p *config.Problem) bool {
	return p.Setting == "mapping" || strings.HasPrefix(p.Setting, "mapping.") || strings.HasPrefix(p.Setting, "guard.protect")
}
