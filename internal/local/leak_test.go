package local_test

import (
	"net/http"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(withoutIdle{m}) }

// withoutIdle closes the connections that tests have left idle, whose goroutines nobody leaked.
type withoutIdle struct{ *testing.M }

func (m withoutIdle) Run() int {
	code := m.M.Run()
	http.DefaultClient.CloseIdleConnections()
	return code
}
