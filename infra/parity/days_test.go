package parity

import "math"

// day is what CloudWatch is told of a house, minute by minute. Each begins with hours in which all is well.
type day struct {
	house   string // its name, before those of its functions and queues
	source  string // its identity source
	records records
	// quiet is how many minutes all is well; what follows is up to the day.
	quiet int
	// busyUntil is the minute in which the flusher's run ends.
	busyUntil int
}

func newDay(house, source string) *day {
	d := &day{house: house, source: source, records: records{}, quiet: 180}
	for minute := range d.quiet {
		d.start(minute, idle)
		d.well(minute)
	}
	return d
}

// say enters a value of a metric with one dimension, told in the minute that it is of.
func (d *day) say(minute int, metric, dimension, of string, value float64) {
	d.enter(metric, map[string]string{dimension: of}, point{minute, minute, value})
}

func (d *day) enter(metric string, dimensions map[string]string, p point) {
	name := key(metric, dimensions)
	d.records[name] = append(d.records[name], p)
}

// ours enters a value that the functions write into their logs.
func (d *day) ours(minute int, metric string, value float64) {
	d.say(minute, "Rollcall "+metric, "IdentitySource", d.source, value)
}

func (d *day) lambda(minute int, metric, function string, value float64) {
	d.say(minute, "AWS/Lambda "+metric, "FunctionName", d.house+"-"+function, value)
}

// well enters what everything but the flusher's runs says in a minute in which all is well.
func (d *day) well(minute int) {
	d.lambda(minute, "Invocations", "stream-handler", 4)
	d.lambda(minute, "Errors", "stream-handler", 0)
	d.lambda(minute, "Duration", "stream-handler", 300)
	d.lambda(minute, "IteratorAge", "stream-handler", 900)
	d.lambda(minute, "Duration", "items-api", 40)
	d.say(minute, "AWS/ApiGateway 5xx", "ApiId", Unknown, 0)
	d.queues(minute, 20)
	d.ours(minute, "RejectsOpen", 0)
	d.ours(minute, "HeldOpen", 0)
	d.ours(minute, "WatchAge", 240)
	d.ours(minute, "QueueAge", 15)
	if minute%60 == 0 {
		d.ours(minute, "Deactivated", 1)
	}
}

// queues enters the age of the oldest message as SQS has it.
func (d *day) queues(minute int, seconds float64) {
	for _, queue := range []string{"-intents", "-urgent"} {
		d.say(minute, "AWS/SQS ApproximateAgeOfOldestMessage", "QueueName", d.house+queue, seconds)
	}
}

// run is one run of the flusher.
type run struct {
	minutes float64
	fails   bool
}

var idle = run{minutes: 0.9}

// start starts the flusher, which is refused while a run lasts. Lambda tells of a run a minute after it has ended, as of when
// it began; Scheduler's start is forgotten after a minute, and Lambda says so.
func (d *day) start(minute int, r run) {
	flusher := map[string]string{"FunctionName": d.house + "-flusher"}
	if minute < d.busyUntil {
		d.enter("AWS/Lambda Throttles", flusher, point{minute, minute + 1, 1})
		d.enter("AWS/Lambda AsyncEventsDropped", flusher, point{minute, minute + 1, 1})
		return
	}
	d.busyUntil = minute + int(math.Ceil(r.minutes))
	ended := d.busyUntil + 1
	failed := map[bool]float64{true: 1}[r.fails]
	d.enter("AWS/Lambda Invocations", flusher, point{minute, ended, 1})
	d.enter("AWS/Lambda Errors", flusher, point{minute, ended, failed})
	d.enter("AWS/Lambda Duration", flusher, point{minute, ended, r.minutes * 60_000})
}

// sync says of the alias of the scheduled sync.
func (d *day) sync(minute int, metric string, value float64) {
	flusher := d.house + "-flusher"
	d.enter("AWS/Lambda "+metric, map[string]string{"FunctionName": flusher, "Resource": flusher + ":sync"}, point{minute, minute, value})
}

// mapping says of the event source mapping.
func (d *day) mapping(minute int, metric string, value float64) {
	d.say(minute, "AWS/Lambda "+metric, "EventSourceMappingUUID", Unknown, value)
}
