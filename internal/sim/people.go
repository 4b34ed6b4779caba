package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/intent"
)

// people are the rows of the table as those who change it know them.
type people struct {
	house    *house
	rows     map[int]item
	vanished map[int]item
	// everybody are the externalIds that ever were.
	everybody map[string]bool
	// ever is what was ever true of people.
	ever map[string]past
	// activeSince is since when people have been active without a break, of those who are.
	activeSince map[string]time.Time
	// moved is when people last got a row or lost one.
	moved map[string]time.Time
}

// past is what was ever true of a person: protected by an expression, impossible to map, without a title, said to leave
// while no expression protected them.
type past struct{ chief, bad, untitled, exposed bool }

func newPeople(h *house) *people {
	return &people{
		house: h, rows: map[int]item{}, vanished: map[int]item{},
		everybody: map[string]bool{}, ever: map[string]past{}, activeSince: map[string]time.Time{}, moved: map[string]time.Time{},
	}
}

// newItem is a person as they are hired.
func (p *people) newItem(row, n int) item {
	id := personName(row)
	if p.house.plan.flavor.indexed && n%4 == 0 {
		id = personName(n / 4 % p.house.plan.flavor.rows) // perhaps somebody who has a row already
	}
	i := item{
		id: id, active: []string{"true", "yes"}[n%2], email: fmt.Sprintf("%s.%d@example.com", id, n%3),
		first: "Ann", last: fmt.Sprintf("Lee%d", n%7), title: fmt.Sprintf("title %d", n%5),
	}
	switch n % 16 {
	case 1:
		i.title = chief
	case 2:
		i.last = ""
	case 3:
		i.title = ""
	}
	if p.house.plan.flavor.org.RefuseNullCustom && n%3 == 0 {
		i.title = ""
	}
	if p.house.plan.flavor.fat {
		i.note = strings.Repeat("x", 60_000+n%60_000)
	}
	return i
}

// fewPeople are so few that the flusher takes people who are refused, and nobody accepted with them, for bad ones after
// a while; if they are more, it takes the setup for bad, for ever.
const fewPeople = 10

// set writes a row, remove deletes one. Tell leaves a record in the stream. No more people lack a title than the flusher
// can find out about, should they be all that there are.
func (p *people) set(row int, i item, tell bool) {
	without := 0
	for other, o := range p.rows {
		if other != row && o.title == "" {
			without++
		}
	}
	if without >= fewPeople-1 && i.title == "" {
		i.title = "title"
	}
	if old, there := p.rows[row]; there && !p.house.plan.flavor.indexed && old.id != i.id {
		p.remove(row, tell)
	}
	old := p.rows[row]
	if old.id != i.id {
		p.moved[old.id], p.moved[i.id] = time.Now(), time.Now()
	}
	p.rows[row] = i
	p.everybody[i.id] = true
	p.noteActive(old.id)
	p.noteActive(i.id)
	was := p.ever[i.id]
	was.chief = was.chief || i.title == chief
	was.bad = was.bad || i.state() == stateBad
	was.untitled = was.untitled || i.title == ""
	p.ever[i.id] = was
	if old.id != i.id || i.robot {
		p.noteLeaver(old)
	}
	if i.state() == stateInactive {
		p.noteLeaver(i)
	}
	p.house.table.write(keyOf(p.house.plan.flavor.indexed, row, i.id), version{time.Now(), i.json(row), i.id}, tell)
}

func (p *people) remove(row int, tell bool) {
	i, there := p.rows[row]
	if !there {
		return
	}
	delete(p.rows, row)
	p.noteLeaver(i)
	p.moved[i.id] = time.Now()
	p.noteActive(i.id)
	p.house.table.write(keyOf(p.house.plan.flavor.indexed, row, i.id), version{at: time.Now()}, tell)
}

// noteLeaver notes that a person leaves by what an item is or was.
func (p *people) noteLeaver(i item) {
	was := p.ever[i.id]
	was.exposed = was.exposed || i.title != chief
	p.ever[i.id] = was
}

// noteActive notes whether a person is active now.
func (p *people) noteActive(id string) {
	s, _, _ := p.state(id)
	if _, was := p.activeSince[id]; s != stateActive {
		delete(p.activeSince, id)
	} else if !was {
		p.activeSince[id] = time.Now()
		delete(p.house.checks.leavers, id) // who leaves again waits from then on
	}
}

// change does an everyday change. It does nothing where there is nobody to do it to.
func (p *people) change(o op) {
	if _, gone := p.vanished[o.row]; gone {
		return // nobody changes a table that is being restored
	}
	i, there := p.rows[o.row]
	if o.kind == opPut {
		p.set(o.row, p.newItem(o.row, o.n), true)
		return
	}
	if !there {
		return
	}
	if o.kind == opDelete {
		p.remove(o.row, true)
		return
	}
	before := i
	switch o.kind {
	case opChange:
		switch o.n % 4 {
		case 0:
			i.title = fmt.Sprintf("title %d", o.n%50)
		case 1:
			i.last = fmt.Sprintf("Lee%d", o.n%50)
		case 2:
			i.email = fmt.Sprintf("%s.%d@example.com", i.id, o.n%50)
		case 3:
			i.last = ""
		}
	case opTouch:
		i.seen = o.n
	case opLeave:
		i.active = []string{"false", "no"}[o.n%2]
	case opReturn:
		i.active = "true"
	case opSpoil:
		switch o.n % 3 {
		case 0:
			i.active = ""
		case 1:
			i.email = "nobody"
		case 2:
			i.first = strings.Repeat("A", 51)
		}
	case opMend:
		i.active, i.email, i.first, i.robot, i.title = "true", i.id+".0@example.com", "Ann", false, "title 0"
	case opStrip:
		i.title = ""
	case opRobot:
		i.robot = p.house.plan.flavor.match
	}
	if i != before {
		p.set(o.row, i, true)
	}
}

// move takes a person to another row, in one transaction. Only an index finds them there.
func (p *people) move(o op) {
	i, there := p.rows[o.row]
	to := o.n % p.house.plan.flavor.rows
	_, gone := p.vanished[to]
	if !p.house.plan.flavor.indexed || !there || gone || to == o.row {
		return
	}
	p.remove(o.row, true)
	p.set(to, i, true)
}

// vanish takes half of the rows away without a record; reappear puts them back.
func (p *people) vanish(o op) {
	if i, there := p.rows[o.row]; there && o.n%2 == 0 {
		p.vanished[o.row] = i
		p.remove(o.row, false)
	}
}

func (p *people) reappear(row int) {
	if i, there := p.vanished[row]; there {
		delete(p.vanished, row)
		p.set(row, i, false)
	}
}

// under returns the rows that have an externalId, in order of their keys.
func (p *people) under(id string) []item {
	var all []item
	for _, row := range slices.Sorted(maps.Keys(p.rows)) {
		if p.rows[row].id == id {
			all = append(all, p.rows[row])
		}
	}
	return all
}

// state is what the table says of a person: active under any key, of the smallest such key; else inactive under any; else
// nobody. Bad says that a row that cannot be mapped may be what the person is.
func (p *people) state(id string) (s state, as item, bad bool) {
	for _, i := range p.under(id) {
		switch i.state() {
		case stateActive:
			if s != stateActive {
				s, as = stateActive, i
			}
		case stateInactive:
			if s == stateNobody {
				s, as = stateInactive, i
			}
		case stateBad:
			bad = true
		}
	}
	return s, as, bad && s != stateActive
}

// at returns the item that the table has under a key.
func (p *people) at(key intent.Key) (item, bool) {
	for row, i := range p.rows {
		if keyOf(p.house.plan.flavor.indexed, row, i.id) == key {
			return i, true
		}
	}
	return item{}, false
}
