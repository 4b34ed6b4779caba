package parity

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// trouble is something that happens to a house after hours in which all was well: minutes of it, each entered by play, which
// is told how many have passed. Alarms are those that go off, with the minutes within which they do; no other may. Lasting
// are those of them that, once on, stay on till the end.
type trouble struct {
	name    string
	minutes int
	play    func(d *day, minute, passed int)
	alarms  map[string]int
	lasting []string
}

// troubles are what the alarms are for, and what they must leave alone.
var troubles = []trouble{
	{name: "nothing", minutes: 240, play: func(d *day, minute, _ int) { d.start(minute, idle); d.well(minute) }},
	{
		name: "a first load: runs of eleven minutes, one after the other", minutes: 240,
		play: func(d *day, minute, _ int) {
			d.start(minute, run{minutes: 11})
			d.well(minute)
			d.ours(minute, "WatchAge", 1500)
		},
	},
	{
		name: "runs of fourteen and a half minutes", minutes: 240, alarms: map[string]int{"flusher-slow": 20}, lasting: []string{"flusher-slow"},
		play: func(d *day, minute, _ int) { d.start(minute, run{minutes: 14.5}); d.well(minute) },
	},
	{
		name: "one long run", minutes: 120, alarms: map[string]int{"flusher-slow": 20},
		play: func(d *day, minute, passed int) {
			r := idle
			if passed == 3 {
				r.minutes = 13
			}
			d.start(minute, r)
			d.well(minute)
		},
	},
	{
		name: "one run that fails", minutes: 120,
		play: func(d *day, minute, passed int) { d.start(minute, run{0.9, passed == 3}); d.well(minute) },
	},
	{
		// Tries at 0, ¼, ¾, 1¾ … minutes, then every quarter of an hour and a bit; what was received thrice SQS counts no more.
		name: "Okta is away", minutes: 480, alarms: map[string]int{"flusher-errors": 30, "intents-returned": 50},
		lasting: []string{"flusher-errors", "intents-returned"},
		play: func(d *day, minute, passed int) {
			tries := passed == 0 || passed == 2 || passed == 4 || passed == 8 || passed%17 == 16
			d.start(minute, run{0.9, tries})
			d.well(minute)
			d.forget("Rollcall QueueAge", minute)
			if tries {
				d.ours(minute, "QueueAge", float64(60*passed))
			}
		},
	},
	{
		name: "the flusher does not start", minutes: 240, alarms: map[string]int{"flusher-errors": 30, "intents-old": 35},
		lasting: []string{"flusher-errors", "intents-old"},
		play: func(d *day, minute, passed int) {
			d.start(minute, run{0.1, true})
			d.silent(minute, passed)
		},
	},
	{
		name: "the schedule is off", minutes: 240, alarms: map[string]int{"flusher-silent": 45, "intents-old": 35},
		lasting: []string{"flusher-silent", "intents-old"},
		play:    func(d *day, minute, passed int) { d.silent(minute, passed) },
	},
	{
		name: "there is no concurrency for the flusher", minutes: 240, alarms: map[string]int{"flusher-silent": 45, "intents-old": 35},
		lasting: []string{"flusher-silent", "intents-old"},
		play: func(d *day, minute, passed int) {
			d.busyUntil = minute + 1
			d.start(minute, idle)
			d.silent(minute, passed)
		},
	},
	{
		name: "an import does not end", minutes: 180, alarms: map[string]int{"watch-old": 65}, lasting: []string{"watch-old"},
		play: func(d *day, minute, passed int) {
			d.start(minute, idle)
			d.well(minute)
			d.ours(minute, "WatchAge", float64(60*passed))
		},
	},
	{name: "somebody is rejected", minutes: 60, alarms: map[string]int{"rejects": 5}, lasting: []string{"rejects"}, play: also(func(d *day, minute, _ int) { d.ours(minute, "RejectsOpen", 1) })},
	{name: "somebody is held", minutes: 60, alarms: map[string]int{"held": 5}, lasting: []string{"held"}, play: also(func(d *day, minute, _ int) { d.ours(minute, "HeldOpen", 30) })},
	{
		name: "more people leave than usual", minutes: 600, alarms: map[string]int{"many-deactivations": 600},
		play: also(func(d *day, minute, passed int) {
			if passed%60 == 30 {
				d.ours(minute, "Deactivated", 15)
			}
		}),
	},
	{
		name: "the stream-handler fails for half a day", minutes: 13 * 60,
		alarms:  map[string]int{"stream-handler-errors": 5, "stream-behind": 10, "stream-about-to-lose": 12*60 + 5},
		lasting: []string{"stream-handler-errors", "stream-behind", "stream-about-to-lose"},
		play: also(func(d *day, minute, passed int) {
			d.lambda(minute, "Errors", "stream-handler", 4)
			d.lambda(minute, "IteratorAge", "stream-handler", float64(60_000*passed))
		}),
	},
	{name: "Lambda has no room for the stream-handler", minutes: 30, alarms: map[string]int{"stream-handler-throttles": 5}, play: also(func(d *day, minute, _ int) { d.lambda(minute, "Throttles", "stream-handler", 2) })},
	{name: "batches take long", minutes: 60, alarms: map[string]int{"stream-handler-slow": 20}, play: also(func(d *day, minute, _ int) { d.lambda(minute, "Duration", "stream-handler", 55_000) })},
	{name: "records are given up on", minutes: 30, alarms: map[string]int{"failed-records": 5}, play: once(func(d *day, minute int) { d.mapping(minute, "OnFailureDestinationDeliveredEventCount", 3) })},
	{name: "records are lost", minutes: 30, alarms: map[string]int{"dropped-records": 5}, play: once(func(d *day, minute int) { d.mapping(minute, "DroppedEventCount", 3) })},
	{
		name: "a leaver waits", minutes: 50, alarms: map[string]int{"urgent-old": 15},
		play: func(d *day, minute, passed int) {
			d.start(minute, idle)
			d.well(minute)
			d.queues(minute, min(float64(60*passed), 800))
		},
	},
	{
		name: "a sync fails", minutes: 60, alarms: map[string]int{"sync-failed": 5, "sync-dropped": 5},
		play: func(d *day, minute, passed int) {
			d.start(minute, run{0.9, passed == 3})
			d.well(minute)
			if passed == 3 {
				d.ours(minute, "SyncsFailed", 1)
				d.sync(minute, "Errors", 1)
				d.sync(minute, "AsyncEventsDropped", 1)
			}
		},
	},
	{name: "a sync finds no moment", minutes: 60, alarms: map[string]int{"sync-dropped": 5}, play: once(func(d *day, minute int) { d.sync(minute, "AsyncEventsDropped", 1) })},
	{
		name: "the table refuses the HTTP API now and then", minutes: 60, alarms: map[string]int{"items-api-errors": 40},
		play: also(func(d *day, minute, passed int) {
			if passed%6 == 0 {
				d.say(minute, "AWS/ApiGateway 5xx", "ApiId", Unknown, 1)
			}
		}),
	},
	{name: "one request of the HTTP API fails", minutes: 60, play: once(func(d *day, minute int) { d.say(minute, "AWS/ApiGateway 5xx", "ApiId", Unknown, 1) })},
	{name: "Lambda has no room for items-api", minutes: 30, alarms: map[string]int{"items-api-throttles": 5}, play: also(func(d *day, minute, _ int) { d.lambda(minute, "Throttles", "items-api", 2) })},
	{name: "requests take long", minutes: 60, alarms: map[string]int{"items-api-slow": 20}, play: also(func(d *day, minute, _ int) { d.lambda(minute, "Duration", "items-api", 9_000) })},
}

// also plays a house in which all is well but for one thing.
func also(but func(d *day, minute, passed int)) func(*day, int, int) {
	return func(d *day, minute, passed int) {
		d.start(minute, idle)
		d.well(minute)
		but(d, minute, passed)
	}
}

// once plays a house in which one thing happens once.
func once(what func(d *day, minute int)) func(*day, int, int) {
	return also(func(d *day, minute, passed int) {
		if passed == 3 {
			what(d, minute)
		}
	})
}

// silent is a minute in which messages wait that nobody receives.
func (d *day) silent(minute, passed int) {
	d.lambda(minute, "IteratorAge", "stream-handler", 900)
	d.say(minute, "AWS/SQS ApproximateAgeOfOldestMessage", "QueueName", d.house+"-intents", float64(60*passed))
}

// forget takes back what was said of a metric of ours in the minute.
func (d *day) forget(metric string, minute int) {
	name := key(metric, map[string]string{"IdentitySource": d.source})
	d.records[name] = slices.DeleteFunc(d.records[name], func(p point) bool { return p.at == minute })
}

// TestAlarmsGoOffForWhatTheyAreFor plays every trouble on both sides of every variant. An alarm that none of them needs fails
// the test too: nobody knows whether it can go off.
func TestAlarmsGoOffForWhatTheyAreFor(t *testing.T) {
	for _, variant := range variants {
		terraform, template, _ := houses(t, variant)
		for side, house := range map[string]House{"Terraform": terraform, "the template": template} {
			t.Run(variant+" by "+side, func(t *testing.T) {
				name, alarms := alarmsOf(t, house)
				needed := map[string]bool{}
				for _, it := range troubles {
					play(t, it, name, alarms)
					for alarm := range it.alarms {
						needed[alarm] = true
					}
				}
				for _, alarm := range union(alarms, nil) {
					if !needed[alarm] {
						t.Errorf("alarm %s goes off for nothing that is played", alarm)
					}
				}
			})
		}
	}
}

// alarmsOf are the house's alarms by their names in the runbook, and the house's own name.
func alarmsOf(t *testing.T, house House) (name string, alarms map[string]alarm) {
	t.Helper()
	alarms = map[string]alarm{}
	for _, resource := range union(house.Resources, nil) {
		if group, ok := strings.CutPrefix(resource, "AWS::Scheduler::ScheduleGroup "); ok {
			name = group
		}
	}
	for resource, settings := range house.Resources {
		if full, ok := strings.CutPrefix(resource, "AWS::CloudWatch::Alarm "+name+"-"); ok {
			alarms[full] = readAlarm(t, full, settings)
		}
	}
	if len(alarms) < 15 {
		t.Fatalf("found alarms %v of house %q", slices.Sorted(maps.Keys(alarms)), name)
	}
	return name, alarms
}

// play plays one trouble and looks, minute by minute, which alarms are on.
func play(t *testing.T, it trouble, house string, alarms map[string]alarm) {
	t.Helper()
	d := newDay(house, "0oa1a2b3c4d5e6f7g8h9")
	end := d.quiet + it.minutes
	for minute := d.quiet; minute < end; minute++ {
		it.play(d, minute, minute-d.quiet)
	}
	for name, alarm := range alarms {
		first, last := -1, -1
		broken := false
		for minute := d.quiet - 5; minute < end; minute++ {
			if !alarm.on(d.records, minute) {
				continue
			}
			if first < 0 {
				first = minute - d.quiet
			}
			broken = broken || last >= 0 && last != minute-1
			last = minute
		}
		within, meant := it.alarms[name]
		switch {
		case meant && first < 0:
			t.Errorf("%s: alarm %s does not go off", it.name, name)
		case meant && first > within:
			t.Errorf("%s: alarm %s goes off after %d minutes, not within %d", it.name, name, first, within)
		case !meant && first >= 0:
			t.Errorf("%s: alarm %s goes off after %d minutes", it.name, name, first)
		case slices.Contains(it.lasting, name) && (broken || last != end-1):
			t.Errorf("%s: alarm %s does not stay on", it.name, name)
		}
	}
}
