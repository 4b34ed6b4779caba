package doctor

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/internal/dynamo"
	"rollcall/internal/items"
)

const (
	accessAWS = "check the name, the region and these credentials' rights (docs/deploy.md)"
	// minVisibility is how long a received message must at least stay hidden: a flush extends it every minute.
	minVisibility = 2 * time.Minute
	// allImages is the stream's view type with which a change that is none for Okta costs nothing.
	allImages = "NEW_AND_OLD_IMAGES"
	oldImage  = "OLD_IMAGE"
)

// table checks that the table is there and has the key that the configuration names.
func (e *examination) table(ctx context.Context) Finding {
	shape, err := e.AWS.DescribeTable(ctx)
	if _, noIndex := errors.AsType[*dynamo.MissingIndexError](err); noIndex {
		e.indexErr, err = err, nil
	}
	if err != nil {
		return failed(accessAWS, "%v", err)
	}
	e.shape = &shape
	if want := e.Config.Key; shape.Schema.Partition.Name != want.Partition || shape.Schema.Sort.Name != want.Sort {
		return failed("set key.partition and key.sort to the table's own; where there is a sort key set externalIdIndex too",
			"the table's key is %s, the configuration's %s",
			keyNames(shape.Schema.Partition.Name, shape.Schema.Sort.Name), keyNames(want.Partition, want.Sort))
	}
	return ok("%s has about %s", e.Config.Table, counted(int(shape.Items), "item", "items"))
}

func keyNames(partition, sort string) string {
	if sort == "" {
		return partition
	}
	return partition + ", " + sort
}

var errUndescribed = unchecked("needs a table that can be described")

// index checks that people can be found by their externalId.
func (e *examination) index(context.Context) Finding {
	name := e.Config.ExternalIDIndex
	switch {
	case e.shape == nil:
		return errUndescribed
	case name == "":
		return ok("not needed: the externalId is the table's key")
	case e.indexErr != nil:
		return failed("create the index, with the externalId's attribute as its partition key; KEYS_ONLY is enough", "%v", e.indexErr)
	}
	attribute := strings.TrimSpace(e.Config.Mapping.ExternalID)
	if have := e.shape.Index.Name; have != attribute && fmt.Sprintf("$env[%q]", have) != attribute {
		return failed("name an index on the attribute that mapping.externalId is", "the partition key of %s is %s, not the externalId", name, have)
	}
	return ok("%s finds people by %s", name, e.shape.Index.Name)
}

// stream checks that changes come, with as much of the items as decode needs.
func (e *examination) stream(context.Context) Finding {
	if e.shape == nil {
		return errUndescribed
	}
	const switchOn = "switch the table's stream on with " + allImages
	switch view := e.shape.StreamView; {
	case view == "":
		return failed(switchOn, "the table has no stream")
	case view == allImages:
		return ok("%s", view)
	case e.Mapping.Computable(attributes(e.shape.Schema)):
		const enough = "%s: enough, since the key tells whose an item is; but every write costs a call, whatever it changes"
		if e.Mapping.Protects() && view != oldImage {
			return ok(enough+", and whose item is deleted is not protected by an expression of guard.protect", view)
		}
		return ok(enough, view)
	default:
		return failed(switchOn+" (a new stream: point the event source mapping to it)",
			"%s does not tell whose an item is: mapping.externalId or mapping.match needs more than the key", view)
	}
}

func attributes(s items.Schema) (names []string) {
	for _, a := range []items.Attribute{s.Partition, s.Sort} {
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	return names
}

// queues checks that no order holds people up, and that no message comes back while a run still works on it, or is put
// aside while Okta is away.
func (e *examination) queues(ctx context.Context) Finding {
	queues, err := e.AWS.DescribeQueues(ctx)
	if err != nil {
		return failed(accessAWS, "%v", err)
	}
	var wrong, fine []string
	for _, setting := range slices.Sorted(maps.Keys(queues)) {
		q := queues[setting]
		before := len(wrong)
		if q.FIFO {
			wrong = append(wrong, setting+" is a FIFO queue")
		}
		if q.Visibility < minVisibility {
			wrong = append(wrong, fmt.Sprintf("%s shows messages again after %v, before a flush extends that", setting, q.Visibility))
		}
		if q.DeadLetters {
			wrong = append(wrong, setting+" moves messages to a dead-letter queue: Okta being away for hours would put everybody there")
		}
		if len(wrong) == before {
			fine = append(fine, fmt.Sprintf("%s keeps messages for %v", setting, q.Retention))
		}
	}
	if len(wrong) > 0 {
		return failed("use standard queues without a redrive policy, with a visibility timeout of two minutes (infra/terraform, infra/cdk)",
			"%s", strings.Join(wrong, "\n"))
	}
	return ok("%s", strings.Join(fine, "; "))
}

// control checks that the control table takes its entries, and that the expired ones are cleared away.
func (e *examination) control(ctx context.Context) Finding {
	shape, err := e.AWS.DescribeControl(ctx)
	if err != nil {
		return failed(accessAWS, "%v", err)
	}
	want := dynamo.WantedStore()
	switch {
	case shape.Schema != want.Schema:
		return failed("create a table with that key and set control to its name",
			"the control table's key is not %s, %s, both strings", want.Schema.Partition.Name, want.Schema.Sort.Name)
	case shape.TimeToLive != want.TimeToLive:
		return failed("switch time to live on for the attribute "+want.TimeToLive, "expired entries stay in the control table for ever")
	}
	return ok("%s has its key and its time to live", e.Config.Control)
}
