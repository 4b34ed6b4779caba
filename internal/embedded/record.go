package embedded

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"
)

// Where the records say they come from. There is no such account.
const (
	region  = "us-east-1"
	account = "000000000000"
)

// maxPayloadBytes is the most that Lambda hands to a function at once: 6 MB.
const maxPayloadBytes = 6_000_000

// record is one change, as it is delivered.
type record struct {
	sequence int64
	json     []byte
}

// number is the record's SequenceNumber: 21 digits, as DynamoDB's shortest have.
func (r record) number() string { return sequenceNumber(r.sequence) }

func sequenceNumber(sequence int64) string { return fmt.Sprintf("1%020d", sequence) }

// StreamARN is the ARN that the table's change records carry.
func (t *Table) StreamARN() string {
	return fmt.Sprintf("arn:aws:dynamodb:%s:%s:table/%s/stream/%s", region, account, t.options.Name, t.db.label)
}

// Pending returns how many change records are not yet delivered.
func (t *Table) Pending(ctx context.Context) (n int, err error) {
	if err := t.db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM records`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count change records: %w", err)
	}
	return n, nil
}

// head returns up to limit of the oldest change records that are not consumed, as many as fit one payload.
func (t *Table) head(ctx context.Context, limit int) (records []record, err error) {
	rows, err := t.db.read.QueryContext(ctx, `SELECT sequence, made, key, before, after, size FROM records ORDER BY sequence LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("read change records: %w", err)
	}
	defer rows.Close()
	arn := t.StreamARN()
	for bytes := 0; rows.Next(); {
		var r record
		var made, size int64
		var key string
		var before, after sql.NullString
		if err := rows.Scan(&r.sequence, &made, &key, &before, &after, &size); err != nil {
			return nil, fmt.Errorf("read change records: %w", err)
		}
		r.json = appendRecord(nil, arn, r.number(), made, key, before, after, size)
		if bytes += len(r.json) + 1; bytes > maxPayloadBytes && len(records) > 0 {
			break
		}
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read change records: %w", err)
	}
	return records, nil
}

// trim drops the records that were consumed, up to and with this sequence number.
func (t *Table) trim(ctx context.Context, through int64) error {
	if _, err := t.db.write.ExecContext(ctx, `DELETE FROM records WHERE sequence <= ?`, through); err != nil {
		return fmt.Errorf("trim change records: %w", err)
	}
	return nil
}

// appendRecord appends a record as Lambda delivers it. The same record has the same eventID each time.
func appendRecord(dst []byte, arn, number string, made int64, key string, before, after sql.NullString, size int64) []byte {
	name := "MODIFY"
	switch {
	case !before.Valid:
		name = "INSERT"
	case !after.Valid:
		name = "REMOVE"
	}
	id := sha256.Sum256([]byte(arn + "/" + number))
	dst = fmt.Appendf(dst, `{"eventID":"%s","eventName":"%s","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"%s",`,
		hex.EncodeToString(id[:16]), name, region)
	dst = fmt.Appendf(dst, `"dynamodb":{"ApproximateCreationDateTime":%d,"Keys":%s`, time.UnixMilli(made).Unix(), key)
	if after.Valid {
		dst = append(append(dst, `,"NewImage":`...), after.String...)
	}
	if before.Valid {
		dst = append(append(dst, `,"OldImage":`...), before.String...)
	}
	return fmt.Appendf(dst, `,"SequenceNumber":"%s","SizeBytes":%d,"StreamViewType":"NEW_AND_OLD_IMAGES"},"eventSourceARN":"%s"}`,
		number, size, arn)
}

// payload joins records as Lambda hands them to a function.
func payload(records []record) []byte {
	size := len(`{"Records":[]}`)
	for _, r := range records {
		size += len(r.json) + 1
	}
	dst := append(make([]byte, 0, size), `{"Records":[`...)
	for i, r := range records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, r.json...)
	}
	return append(dst, `]}`...)
}
