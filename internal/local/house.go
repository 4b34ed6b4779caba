// Package local is the whole house in one process, without AWS and without Okta: the embedded table behind the
// tutorial's HTTP API, its change records, the embedded queue and control table, the simulated org, and between them the
// same stream-handler and flusher that run on AWS.
package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/internal/embedded"
	"rollcall/internal/idhash"
	"rollcall/internal/items"
	"rollcall/mapping"
	"rollcall/okta"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// Names of the queues in the embedded file.
const (
	IntentsQueue = "intents"
	UrgentQueue  = "urgent"
)

// Options are what a house is made of.
type Options struct {
	// Dir keeps everything, the simulated org included.
	Dir    string
	Config config.Config
	Org    oktasim.Config
	// Source gives the house's credentials with the org, a service app's; nil is the org's API token.
	Source okta.Source
	// Listen is the address of the items API, of the simulated org and its page. Port 0 takes a free one.
	Listen string
	Timing batcher.Timing
	Log    *logrus.Entry
	// Observe is told the report of every flush, Calls every call to Okta, each if not nil.
	Observe func(batcher.Report)
	Calls   func(okta.Call)
}

// Timing returns the durations for one process on one machine, in which nobody pauses for long: what a killed process
// left is taken up again within seconds. Bursts are gathered as the settings say. With a rate limit or a cooldown a busy
// org is left alone for as long as in production; without, nothing waits for long.
func Timing(gather config.Gather, org oktasim.Config) batcher.Timing {
	t := batcher.DefaultTiming()
	t.Lease, t.Renew = 2*time.Second, 500*time.Millisecond
	t.Visibility = 3 * time.Second
	t.Poll, t.Quiet, t.Gather = time.Second, gather.Quiet, gather.Max
	t.Recheck = 200 * time.Millisecond
	t.MinBackoff = time.Second
	t.IndexLag = 0 // the index is part of the table, and never behind it
	if org.RateLimit == 0 && org.Cooldown == 0 {
		t.Busy, t.MaxBackoff = 300*time.Millisecond, 5*time.Second
	}
	return t
}

// House is an open house. Its parts may be used while it runs.
type House struct {
	Table   *embedded.Table
	Queue   *embedded.Queue
	Urgent  *embedded.Queue
	Store   batcher.Store
	Control *batcher.Control
	Mapping *mapping.Mapping
	// Name is what may be shown of an externalId: itself where log.showIds says so, else its keyed hash.
	Name    func(externalID string) string
	Org     *oktasim.Server
	Okta    *okta.Client
	Flusher *batcher.Flusher
	// URL is the base of the items API (…/items) and of the simulated org.
	URL string

	options  Options
	lock     *oktasim.FolderLock
	db       *embedded.DB
	listener net.Listener
	handler  *streamhandler.Handler
}

// Open takes the folder for its own, begins to listen and opens what the folder keeps; nothing moves until Run. A folder
// in which a house is open is oktasim.ErrFolderInUse.
func Open(ctx context.Context, o Options) (house *House, err error) {
	if err := check(o.Config); err != nil {
		return nil, err
	}
	h := &House{options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
		}
	}()
	if h.lock, err = oktasim.LockFolder(o.Dir); err != nil {
		return nil, err
	}
	if h.listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", o.Listen); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	h.URL = "http://" + h.listener.Addr().String()
	if err := h.openFile(ctx); err != nil {
		return nil, err
	}
	if err := h.openOrg(); err != nil {
		return nil, err
	}
	if err := h.wire(ctx); err != nil {
		return nil, err
	}
	return h, h.writeAddress()
}

// check refuses what the embedded parts do not have.
func check(c config.Config) error {
	if c.Key.Sort != "" {
		return errors.New("key.sort: local mode is for tables without a sort key, as the items API is")
	}
	return nil
}

// openFile opens the table, the queue and the control table.
func (h *House) openFile(ctx context.Context) error {
	o := h.options
	var err error
	if h.db, err = embedded.Open(o.Dir); err != nil {
		return err
	}
	index := ""
	if o.Config.ExternalIDIndex != "" {
		index = o.Config.Mapping.ExternalID
	}
	h.Table, err = h.db.Table(ctx, embedded.TableOptions{
		Name:            o.Config.Table,
		Schema:          items.Schema{Partition: items.Attribute{Name: o.Config.Key.Partition}},
		ExternalIDIndex: index,
	})
	if err != nil {
		return err
	}
	h.Queue = h.db.Queue(IntentsQueue, embedded.QueueOptions{Visibility: o.Timing.Visibility})
	h.Urgent = h.db.Queue(UrgentQueue, embedded.QueueOptions{Visibility: o.Timing.Visibility, Retention: time.Hour})
	h.Store = h.db.Store()
	h.Control = batcher.NewControl(h.Store)
	h.Name = idhash.New(h.Store).Name
	if o.Config.Log.ShowIDs {
		h.Name = func(externalID string) string { return externalID }
	}
	return nil
}

// openOrg starts the simulated org.
func (h *House) openOrg() (err error) {
	org := h.options.Org
	org.Dir = filepath.Join(h.options.Dir, "okta")
	if h.Org, err = oktasim.New(org); err != nil {
		return fmt.Errorf("start oktasim: %w", err)
	}
	return nil
}

// wire puts the client of Okta, the handler and the flusher over the edges.
func (h *House) wire(ctx context.Context) (err error) {
	o := h.options
	if h.Mapping, err = o.Config.CompileMapping(); err != nil {
		return err
	}
	if err := h.openOkta(ctx); err != nil {
		return err
	}
	h.handler = &streamhandler.Handler{Mapping: h.Mapping, Queue: h.Queue, Log: o.Log}
	var lane *batcher.UrgentLane
	if o.Config.Urgent.Enabled {
		h.handler.Urgent = h.Urgent
		lane = &batcher.UrgentLane{Queue: h.Urgent, PerMinute: o.Config.Urgent.PerMinute}
	}
	h.Flusher = &batcher.Flusher{
		Queue: h.Queue, Urgent: lane, Table: h.Table, Control: h.Control, Okta: h.Okta, Mapping: h.Mapping,
		Indexed:   o.Config.ExternalIDIndex != "",
		Guard:     batcher.GuardLimits{Min: o.Config.Guard.Min, Percent: o.Config.Guard.Percent, People: int64(o.Config.Guard.People)},
		Protected: o.Config.ProtectedIDs(),
		Timing:    o.Timing, Log: o.Log, Name: h.Name, Observe: o.Observe,
	}
	return h.Flusher.Validate()
}

// openOkta makes the client of Okta.
func (h *House) openOkta(ctx context.Context) error {
	o := h.options
	source := o.Source
	if source == nil {
		source = okta.Static(okta.Credentials{Token: okta.Secret(o.Org.Token)})
	}
	authority, err := okta.NewAuthority(okta.AuthConfig{
		OrgURL: h.URL, Source: source, Optional: credential.ToFlush, RateShare: o.Config.Okta.RateShare,
	})
	if err != nil {
		return err
	}
	if err := authority.Check(ctx); err != nil {
		return err
	}
	h.Okta, err = okta.New(okta.Config{
		OrgURL: h.URL, IdentitySourceID: o.Org.IdentitySourceID, Authorizer: authority,
		RateShare: o.Config.Okta.RateShare, Observe: o.Calls,
	})
	return err
}

// Close closes what Open opened. Run must have returned.
func (h *House) Close() error {
	var problems []error
	if h.listener != nil {
		if err := h.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
			problems = append(problems, err)
		}
	}
	if h.Org != nil {
		problems = append(problems, h.Org.Close())
	}
	if h.db != nil {
		problems = append(problems, h.db.Close())
	}
	if h.lock != nil {
		problems = append(problems, h.lock.Unlock())
	}
	return errors.Join(problems...)
}

// routes are the items API and, for all else, the simulated org.
func (h *House) routes() http.Handler {
	api := &items.Handler{
		Table: h.Table, Key: h.options.Config.Key.Partition,
		Failed: func(err error) { h.options.Log.WithError(err).Error("items API failed") },
	}
	mux := http.NewServeMux()
	mux.Handle("/items", api)
	mux.Handle("/items/", api)
	mux.Handle("/", h.Org)
	return mux
}
