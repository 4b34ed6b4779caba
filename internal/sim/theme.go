package sim

import (
	"math/rand/v2"
	"slices"
	"time"
)

// A theme makes of a play one that chance alone would hardly make. Each draws by numbers of its own, so that all other
// plays are what they always were.
var themes = map[string]func(*rand.Rand, *plan){
	rushTheme: rush, "refusal": refusal, "late": lateCalls, "crowd": crowd, "pair": twoAtOnce, "ward": ward, "slow": slow, "relay": relay, "flood": flood, "heavy": heavy,
}

// rushTheme is that of plays with the urgent lane.
const rushTheme = "rush"

// give gives a play the theme of that name or, where it is empty, one that the seed chooses.
func (p *plan) give(theme string) {
	salt := uint64(0x7468656d65)
	if p.flavor.urgent && theme == "" || theme == rushTheme {
		salt = 0x72757362
	}
	r := rand.New(rand.NewPCG(p.seed, salt))
	chosen := p.choose(r)
	if theme == "" {
		theme = chosen
	}
	if themed := themes[theme]; themed != nil {
		themed(r, p)
		p.theme = theme
		if p.flavor.empty && !slices.ContainsFunc(p.ops, func(o op) bool { return o.kind == opSync && o.at < time.Second }) {
			p.add(r, 0, opSync, 0)
			p.ordered()
		}
	}
}

// choose names the theme of a play, if it has one. The costly ones are rare.
func (p *plan) choose(r *rand.Rand) string {
	if p.flavor.urgent {
		if r.IntN(8) > 0 {
			return rushTheme
		}
		return ""
	}
	switch n := r.IntN(1000); {
	case n < 2:
		return "flood"
	case n < 4:
		return "heavy"
	case n < 30:
		return "crowd"
	case n < 55:
		return "pair"
	case n < 155:
		return "ward"
	case n < 175:
		return "slow"
	case n < 195:
		return "relay"
	case n < 210:
		return "refusal"
	case n < 225:
		return "late"
	}
	return ""
}

// season adds to a play, whatever its theme, what is drawn apart from all else: operators whose commands fail, flushers
// that are killed at their deadline as Lambda does it, a guard that goes by a share, and rollcall sync.
func (p *plan) season() {
	r := rand.New(rand.NewPCG(p.seed, 0x736561736f6e))
	f := &p.flavor
	if !f.calm {
		f.rates.operator = pick(r, 0, 0, 0.1, 0.3)
		f.deadly = r.IntN(3) == 0
	}
	if r.IntN(4) == 0 {
		f.guardPercent = pick(r, 5, 20, 40.0)
		f.guardPeople = pick(r, 0, 0, int64(10+r.IntN(60)))
	}
	if r.IntN(4) == 0 {
		for range 1 + r.IntN(3) {
			p.add(r, time.Duration(r.Int64N(int64(f.span))), pick(r, opScan, opMissing), 0)
		}
		p.ordered()
	}
}
