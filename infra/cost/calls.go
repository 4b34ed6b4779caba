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

	// flusherGB and handlerGB are the functions' memory (infra/terraform/functions.tf).
	flusherGB, handlerGB = 0.25, 0.25
	// handlerSeconds is how long the stream-handler takes for a batch of few records: decode and one SendMessageBatch.
	// Assumed.
	handlerSeconds = 0.1

	// What a run of the flusher is that finds nothing: seconds, calls of ReceiveMessage, and writes and reads of the control
	// table. A control item is below 1 KB: one write unit, one read unit strongly consistent. Counted, like all to tableReads,
	// by cmd/flusher: TestCostIsCounted.
	pollSeconds = 50
	polls       = 3
	idleWrites  = 8
	idleReads   = 13
	// What loading a change adds to the runs that it takes, till the session was found to have ended, and for the ten minutes
	// for which the System Log is read on: calls of the queue, and writes and reads of the control table.
	flushCalls  = 4
	flushWrites = 12
	flushReads  = 18
	// tableReads are of a change: one item of at most 4 KB, read strongly.
	tableReads = 1

	// What is written into the log, rounded up, by a run that finds nothing, by what loading a change adds, and by a batch of
	// records; and what Lambda writes of each invocation, which is assumed. Counted there too.
	idleBytes    = 1000
	flushBytes   = 4000
	handlerBytes = 650
	lambdaBytes  = 400

	// secretCalls is of a month: one read of the secret each time a process starts, assumed at every run.
	secretCalls = minutes
	// alarms are those of infra/terraform/alarms.tf without options.
	alarms = 16
	// ourMetrics are those of internal/emf, with five classes of calls to Okta (its TestWatchedMetricsAreWritten counts them), and
	// mappingMetrics those of the stream mapping.
	ourMetrics     = 28
	mappingMetrics = 7

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
		{"SQS: requests", "sqs request", minutes*polls + changes + flushes*flushCalls},
		{"DynamoDB: control table, writes", "dynamodb write unit", minutes*idleWrites + flushes*flushWrites},
		{"DynamoDB: control table, reads", "dynamodb read unit", minutes*idleReads + flushes*flushReads},
		{"DynamoDB: the people's table, reads", "dynamodb read unit", changes * tableReads},
		{"Scheduler", "scheduler invocation", minutes},
		{"Secrets Manager: the secret", "secret", 1},
		{"Secrets Manager: calls", "secret call", secretCalls},
		{"CloudWatch: alarms", "alarm", alarms},
		{"CloudWatch: metrics", "metric", ourMetrics + mappingMetrics},
		{"CloudWatch: dashboard", "dashboard", 1},
		{"CloudWatch: logs", "logs GB", (minutes*(idleBytes+lambdaBytes) + flushes*flushBytes + changes*(handlerBytes+lambdaBytes)) / gigabyte},
	}
}
