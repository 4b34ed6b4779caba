package contract

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"
)

func (c queueCase) roundTrip() {
	before := time.Now().Add(-5 * time.Second)
	c.send(0, `{"v":1}`)
	m := c.one(patience)
	if m.Body != `{"v":1}` || m.Count != 1 || m.Receipt == "" {
		c.Errorf("received %+v, want the body sent, count 1 and a receipt", m)
	}
	if m.Sent.Before(before) || m.Sent.After(time.Now().Add(5*time.Second)) {
		c.Errorf("sent at %v, want about now", m.Sent)
	}
	c.delete(m.Receipt)
	time.Sleep(c.Visibility + time.Second)
	c.none("after the only one was deleted")
}

func (c queueCase) texts() {
	bodies := []string{
		"plain", `"quoted" \ and 'so'`, "tab\tand\r\nlines", "josé ñandú", "שלום عليكم", "日本語", "👩‍👩‍👧 family", "<xml>&amp;</xml>", "\ue000\ufffd",
		" leading and trailing ", "a=b&c=%20+",
	}
	c.send(0, bodies...)
	slices.Sort(bodies)
	if got := c.drain(len(bodies)); !slices.Equal(got, bodies) {
		c.Errorf("received %q, want %q", got, bodies)
	}
}

func (c queueCase) refusedTexts() {
	bodies := []string{"good", "zero\x00", "bell\a", "\uffff", "not UTF-8 \xff", "", "fine"}
	failed, err := c.queue.Send(c.Context(), bodies, 0)
	if slices.Sort(failed); err == nil || !slices.Equal(failed, []int{1, 2, 3, 4, 5}) {
		c.Errorf("send = %v, %v; want 1 to 5 to fail", failed, err)
	}
	if got := c.drain(2); !slices.Equal(got, []string{"fine", "good"}) {
		c.Errorf("received %q", got)
	}
}

func (c queueCase) nothing() {
	c.send(0)
	c.delete()
	c.postpone(time.Second)
	c.none("though none was sent")
}

func (c queueCase) redelivery() {
	c.send(0, "again")
	first := c.one(patience)
	c.none("while the only one is in work")
	time.Sleep(c.Visibility + time.Second)
	second := c.one(patience)
	if second.Body != "again" || second.Count != 2 {
		c.Errorf("received %+v, want the same body with count 2", second)
	}
	if !second.Sent.Equal(first.Sent) {
		c.Errorf("sent at %v, before at %v", second.Sent, first.Sent)
	}
	c.delete(second.Receipt)
}

func (c queueCase) extend() {
	c.send(0, "long work")
	m := c.one(patience)
	c.postpone(c.Visibility+3*time.Second, m.Receipt)
	time.Sleep(c.Visibility + time.Second)
	c.none("within the extended time")
	time.Sleep(3 * time.Second)
	if m := c.one(patience); m.Count != 2 {
		c.Errorf("received %+v, want count 2", m)
	}
}

func (c queueCase) giveBack() {
	c.send(0, "not now")
	c.postpone(0, c.one(patience).Receipt)
	m := c.one(c.Visibility / 2)
	if m.Count != 2 {
		c.Errorf("received %+v, want count 2", m)
	}
	c.postpone(time.Second, m.Receipt)
	time.Sleep(1500 * time.Millisecond)
	if m := c.one(patience); m.Count != 3 {
		c.Errorf("received %+v, want count 3", m)
	}
}

func (c queueCase) delay() {
	c.send(2*time.Second, "later")
	c.send(0, "now")
	if m := c.one(patience); m.Body != "now" {
		c.Fatalf("received %q before its time", m.Body)
	} else {
		c.delete(m.Receipt)
	}
	c.none("before the delay was over")
	if m := c.one(patience); m.Body != "later" || m.Count != 1 {
		c.Errorf("received %+v, want the delayed one for the first time", m)
	}
}

func (c queueCase) gone() {
	c.send(0, "a", "b")
	var receipts []string
	for len(receipts) < 2 {
		for _, m := range c.receive(patience) {
			receipts = append(receipts, m.Receipt)
		}
	}
	c.delete(receipts[0])
	c.delete(receipts...)
	c.delete(receipts...)
	c.postpone(0, receipts...)
	time.Sleep(c.Visibility + time.Second)
	c.none("after all were deleted")
}

func (c queueCase) ten() {
	bodies := numbered(25)
	c.send(0, bodies...)
	if got := c.drain(25); !slices.Equal(got, bodies) {
		c.Errorf("received %q", got)
	}
}

func (c queueCase) long() {
	bodies := make([]string, 12)
	for i := range bodies {
		bodies[i] = strings.Repeat(string(rune('a'+i)), 240<<10)
	}
	bodies[3] = strings.Repeat("d", c.MaxBytes)
	tooLong := slices.Insert(slices.Clone(bodies), 1, strings.Repeat("x", 1<<20+1))
	failed, err := c.queue.Send(c.Context(), tooLong, 0)
	if err == nil || !slices.Equal(failed, []int{1}) {
		c.Errorf("send = %v, %v; want only 1, of more than 1 MiB, to fail", failed, err)
	}
	if got := c.drain(len(bodies)); !slices.Equal(got, bodies) {
		c.Errorf("received %d bodies, not those sent", len(got))
	}
}

func (c queueCase) longPoll() {
	var sender sync.WaitGroup
	defer sender.Wait()
	sender.Go(func() {
		time.Sleep(500 * time.Millisecond)
		if failed, err := c.queue.Send(c.Context(), []string{"wake up"}, 0); err != nil {
			c.Errorf("send: %v, failed %v", err, failed)
		}
	})
	start := time.Now()
	c.one(patience)
	if took := time.Since(start); took > patience/2 {
		c.Errorf("received after %v, want about 500 ms", took)
	}
}

func (c queueCase) emptyPoll() {
	start := time.Now()
	if messages := c.receive(2 * time.Second); len(messages) > 0 {
		c.Errorf("received %d messages of an empty queue", len(messages))
	}
	if took := time.Since(start); took < 1500*time.Millisecond || took > 10*time.Second {
		c.Errorf("waited %v, want about 2 s", took)
	}
}

func (c queueCase) cancelled() {
	ctx, cancel := context.WithTimeout(c.Context(), 500*time.Millisecond)
	defer cancel()
	start := time.Now()
	if messages, err := c.queue.Receive(ctx, patience); err == nil {
		c.Errorf("receive = %d messages and no error, want an error", len(messages))
	}
	if took := time.Since(start); took > patience/2 {
		c.Errorf("ended after %v, want about 500 ms", took)
	}
}

func (c queueCase) many() {
	bodies := numbered(10_000)
	c.send(0, bodies...)
	if got := c.drain(len(bodies)); !slices.Equal(got, bodies) {
		c.Errorf("received %d different bodies, not those sent", len(got))
	}
}

func (c queueCase) sideBySide() {
	bodies := numbered(200)
	c.send(0, bodies...)
	var mu sync.Mutex
	seen := map[string]bool{}
	var receivers sync.WaitGroup
	for range 4 {
		receivers.Go(func() {
			for {
				messages, err := c.queue.Receive(c.Context(), time.Second)
				if err != nil {
					c.Errorf("receive: %v", err)
				}
				if len(messages) == 0 {
					return
				}
				var receipts []string
				mu.Lock()
				for _, m := range messages {
					seen[m.Body] = true
					receipts = append(receipts, m.Receipt)
				}
				mu.Unlock()
				if err := c.queue.Delete(c.Context(), receipts); err != nil {
					c.Errorf("delete: %v", err)
				}
			}
		})
	}
	receivers.Wait()
	if len(seen) != len(bodies) {
		c.Errorf("received %d different messages, want %d", len(seen), len(bodies))
	}
}
