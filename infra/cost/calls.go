package main

// item is something that is paid for: so many of it, at the price of that name.
type item struct {
	name, price string
	quantity    float64
}

// What a month is, and what one run does. Each number says where it is from. Changes are spread evenly over the month, which
// is the dearest way of making them: changes that come together share invocations, messages and sessions.
const (
	// minutes of a month of 730 hours, in each of which Scheduler starts the flusher.
	minutes = 730 * 60

	// pollSeconds is how long a run of the flusher polls (cmd/flusher: pollFor), idle or not.
	pollSeconds = 50
	// polls of a run: long polls of 20 s (batcher: Timing.Poll), so 3 of them.
	polls = 3
	// flusherGB and handlerGB are the functions' memory (infra/terraform/functions.tf).
	flusherGB, handlerGB = 0.25, 0.25
	// handlerSeconds is how long the stream-handler takes for a batch of few records: decode and one SendMessageBatch.
	// Assumed.
	handlerSeconds = 0.1

	// idleWrites and idleReads are of the control table in a run that finds nothing: lease taken, renewed twice (every
	// 20 s), released; the control item read before each of those, and the watches listed (batcher/lease.go). A control
	// item is below 1 KB: one write unit, one read unit strongly consistent.
	idleWrites, idleReads = 4, 6
	// flushWrites and flushReads come on top in a run that loads a session: the watch put and deleted, outcomes and counts
	// kept; held, rejected and watched people listed. Assumed, rounded up.
	flushWrites, flushReads = 6, 10
	// tableReads is of a change: one item of at most 4 KB, read strongly.
	tableReads = 1

	// secretCalls is of a month: one read of the secret each time a process starts, assumed at every run.
	secretCalls = minutes
	// alarms are those of infra/terraform/alarms.tf without options.
	alarms = 16
	// metrics are those of internal/emf, with five classes of calls to Okta, and the seven of the stream mapping.
	metrics = 28 + 7
	// lineBytes is a log line with its metrics; a run writes idleLines of them, Lambda's own three included, a flush as
	// many again, a batch of records handlerLines. Assumed, rounded up.
	lineBytes, idleLines, handlerLines = 600, 6, 5

	gigabyte = 1 << 30
)

// items are what a month with so many changes is made of.
func items(changes float64) []item {
	// At most one flush a minute, so that many changes share one.
	flushes := min(changes, minutes)
	return []item{
		{"Lambda: flusher, time", "lambda GB-second arm64", minutes * pollSeconds * flusherGB},
		{"Lambda: stream-handler, time", "lambda GB-second arm64", changes * handlerSeconds * handlerGB},
		{"Lambda: requests", "lambda request", minutes + changes},
		{"SQS: requests", "sqs request", minutes*polls + changes + 3*flushes}, // send each; receive, postpone, delete
		{"DynamoDB: control table, writes", "dynamodb write unit", minutes*idleWrites + flushes*flushWrites},
		{"DynamoDB: control table, reads", "dynamodb read unit", minutes*idleReads + flushes*flushReads},
		{"DynamoDB: the people's table, reads", "dynamodb read unit", changes * tableReads},
		{"Scheduler", "scheduler invocation", minutes},
		{"Secrets Manager: the secret", "secret", 1},
		{"Secrets Manager: calls", "secret call", secretCalls},
		{"CloudWatch: alarms", "alarm", alarms},
		{"CloudWatch: metrics", "metric", metrics},
		{"CloudWatch: dashboard", "dashboard", 1},
		{"CloudWatch: logs", "logs GB", lineBytes * (minutes*idleLines + flushes*idleLines + changes*handlerLines) / gigabyte},
	}
}
