package streamhandler

// ErrViewType is what a batch of a stream fails with that does not carry what the mapping needs.
var ErrViewType = errViewType
