// Package streamhandler turns the records of a DynamoDB stream into intents on a queue: who changed, never what they are.
//
// The stations, in order, one file each: record.go takes the payload apart, decode.go makes of each record no, one or two
// intents or a reject, publish.go puts them into messages and sends those. A record that cannot be read never fails its
// batch; a message that cannot be sent fails the records in it and no others.
package streamhandler
