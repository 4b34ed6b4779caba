package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
)

func (d *Deployment) streamHandlerAlarms() []alarm {
	return []alarm{
		{
			id: "StreamHandlerErrors", name: "stream-handler-errors",
			description: "Whole batches of stream records failed: read the stream-handler's log",
			metric:      d.ofFunction(streamHandler, "Errors"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "StreamHandlerThrottles", name: "stream-handler-throttles",
			description: "Lambda had no room for the stream-handler",
			metric:      d.ofFunction(streamHandler, "Throttles"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "StreamHandlerSlow", name: "stream-handler-slow",
			description: "Batches of stream records take more than 80 % of the timeout (p99)",
			metric:      d.ofFunction(streamHandler, "Duration"), statistic: "p99", above: 800 * settingsOf[streamHandler].seconds, seconds: 300, periods: 3,
		},
	}
}

func (d *Deployment) streamAlarms(mapping awslambda.CfnEventSourceMapping) []alarm {
	ofMapping := func(name string) metric {
		return metric{"AWS/Lambda", name, []string{"EventSourceMappingUUID", *mapping.Ref()}}
	}
	return []alarm{
		{
			id: "StreamBehind", name: "stream-behind",
			description: "The stream-handler is more than a minute behind the table",
			metric:      d.ofFunction(streamHandler, "IteratorAge"), statistic: "Maximum", above: 60_000, seconds: 60, periods: 5,
		},
		{
			id: "StreamAboutToLose", name: "stream-about-to-lose",
			description: "The stream-handler is half a day behind; at 23 hours records go to the bucket, at 24 they are gone",
			metric:      d.ofFunction(streamHandler, "IteratorAge"), statistic: "Maximum", above: 43_200_000, seconds: 300, periods: 1,
		},
		{
			id: "FailedRecords", name: "failed-records",
			description: "Stream records were given up on and lie in the bucket: rollcall replay bucket",
			metric:      ofMapping("OnFailureDestinationDeliveredEventCount"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "DroppedRecords", name: "dropped-records",
			description: "Stream records were given up on and did not reach the bucket: rollcall sync",
			metric:      ofMapping("DroppedEventCount"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
	}
}

func (d *Deployment) flusherAlarms() []alarm {
	return []alarm{
		// A failing flusher waits up to 15 minutes before it tries again, and its runs in between succeed. One run that
		// failed wakes nobody.
		{
			id: "FlusherErrors", name: "flusher-errors",
			description: "Flushes fail, or the flusher does not start: read its log",
			metric:      d.ofFunction(flusher, "Errors"), statistic: "Sum", above: 0, seconds: 900, periods: 3, needed: 2,
		},
		// One run after the other: the longest of the last 40 minutes says it.
		{
			id: "FlusherSlow", name: "flusher-slow",
			description: "A run of the flusher took more than 80 % of its timeout",
			metric:      d.ofFunction(flusher, "Duration"), statistic: "Maximum", above: 800 * flusherSeconds, seconds: 2400, periods: 1,
		},
		{
			id: "WatchOld", name: "watch-old",
			description: "A session has been importing in Okta for more than an hour: rollcall sessions list",
			metric:      d.ours("WatchAge"), statistic: "Maximum", above: 3600, seconds: 300, periods: 1,
		},
	}
}

func (d *Deployment) queueAlarms() []alarm {
	oldest := float64(d.props.AlarmThresholds.OldestIntentSeconds)
	alarms := []alarm{
		{
			id: "IntentsOld", name: "intents-old",
			description: "A change has waited for long to be loaded: rollcall status",
			metric:      d.ageOfQueue("intents"), statistic: "Maximum", above: oldest, seconds: 300, periods: 1,
		},
		// SQS leaves messages out of its age once they were received three times, as those are that are given back; the
		// flusher counts them in whenever it receives them, in a lasting outage every 15 minutes or so.
		{
			id: "IntentsReturned", name: "intents-returned",
			description: "A change was taken from the queue and given back, and has waited for long: rollcall status",
			metric:      d.ours("QueueAge"), statistic: "Maximum", above: oldest, seconds: 1800, periods: 1,
		},
	}
	if d.props.UrgentLane {
		alarms = append(alarms, alarm{
			id: "UrgentOld", name: "urgent-old",
			description: "A leaver has waited for ten minutes in the urgent queue, which forgets after an hour",
			metric:      d.ageOfQueue("urgent"), statistic: "Maximum", above: 600, seconds: 300, periods: 1,
		})
	}
	return alarms
}

func (d *Deployment) peopleAlarms() []alarm {
	return []alarm{
		{
			id: "Rejects", name: "rejects",
			description: "Somebody cannot be told to Okta until their item is mended: rollcall rejects list",
			metric:      d.ours("RejectsOpen"), statistic: "Maximum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "Held", name: "held",
			description: "Deactivations are held by the guard: rollcall held list",
			metric:      d.ours("HeldOpen"), statistic: "Maximum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "ManyDeactivations", name: "many-deactivations",
			description: "More people were deactivated in a day than usual",
			metric:      d.ours("Deactivated"), statistic: "Sum", above: float64(d.props.AlarmThresholds.DeactivationsADay), seconds: 86_400, periods: 1,
		},
	}
}

func (d *Deployment) syncAlarms() []alarm {
	if d.props.SyncSchedule == "" {
		return nil
	}
	// Asynchronous starts of the sync have its alias in the metric. Those of the flush are dropped whenever a run outlasts its
	// minute, which is as it should be.
	name := d.names.function[flusher]
	dropped := metric{"AWS/Lambda", "AsyncEventsDropped", []string{"FunctionName", name, "Resource", name + ":sync"}}
	return []alarm{
		{
			id: "SyncFailed", name: "sync-failed",
			description: "A scheduled sync failed: read the flusher's log",
			metric:      d.ours("SyncsFailed"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
		// Lambda's own word: also of a sync that was killed, or that found no moment between two flushes in six hours.
		{
			id: "SyncDropped", name: "sync-dropped",
			description: "A scheduled sync did not run to its end",
			metric:      dropped, statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
	}
}

func (d *Deployment) itemsAPIAlarms() []alarm {
	if d.props.HTTPAPI == nil {
		return nil
	}
	// The function answers 500 and does not fail, so it is the API that knows. Who sees one of them tries again.
	failed := metric{"AWS/ApiGateway", "5xx", []string{"ApiId", *d.child("HttpApi").Ref()}}
	return []alarm{
		{
			id: "ItemsApiErrors", name: "items-api-errors",
			description: "The HTTP API failed three times in a quarter of an hour: read the log of items-api",
			metric:      failed, statistic: "Sum", above: 2, seconds: 900, periods: 1,
		},
		{
			id: "ItemsApiThrottles", name: "items-api-throttles",
			description: "Lambda had no room for items-api",
			metric:      d.ofFunction(itemsAPI, "Throttles"), statistic: "Sum", above: 0, seconds: 300, periods: 1,
		},
		{
			id: "ItemsApiSlow", name: "items-api-slow",
			description: "Requests to the HTTP API take more than 80 % of the timeout of items-api (p99)",
			metric:      d.ofFunction(itemsAPI, "Duration"), statistic: "p99", above: 800 * settingsOf[itemsAPI].seconds, seconds: 300, periods: 3,
		},
	}
}
