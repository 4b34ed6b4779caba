//go:build e2e

package e2e

import (
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func (r *recovery) newBucket(name string) {
	r.Helper()
	_, err := r.s3.CreateBucket(r.Context(), &s3.CreateBucketInput{Bucket: &name})
	r.must(err)
}

func (r *recovery) upload(bucket, key string, body []byte) {
	r.Helper()
	_, err := r.s3.PutObject(r.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: &key, Body: bytes.NewReader(body)})
	r.must(err)
}

func (r *recovery) bucket() {
	const bucket = "failures"
	r.newBucket(bucket)
	for n := range 3 {
		r.upload(bucket, fmt.Sprintf("aws/lambda/mapping/shard/2026/01/31/%d", n), fmt.Appendf(nil, `{"requestContext":{"condition":"RecordAgeExceeded"},
			"DDBStreamBatchInfo":{"shardId":"s"},"payload":{"Records":[{"eventID":"e","eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":"b%d"}},
			"NewImage":%s,"SequenceNumber":"1","StreamViewType":"NEW_AND_OLD_IMAGES"}}]}}`, n, e2eItem(fmt.Sprintf("b%d", n))))
	}
	r.upload(bucket, "aws/lambda/other", []byte("hello"))
	r.command(1, []string{"replay", "bucket", "s3://" + bucket}, "enqueued 3 upserts and 0 deactivations of 3 records", "s3://failures/aws/lambda/other: ")
	r.wants(3, 0, 3)
	time.Sleep(2 * time.Second) // S3 keeps times to the second
	r.command(0, []string{"replay", "bucket", "s3://" + bucket, "--since", "1s"}, "enqueued 0 upserts")
}

func (r *recovery) export() {
	const bucket, prefix = "backups", "AWSDynamoDB/0169-2d87"
	r.newBucket(bucket)
	manifest := func(name, text string) {
		r.Helper()
		sum := md5.Sum([]byte(text))
		r.upload(bucket, prefix+"/"+name+".json", []byte(text))
		r.upload(bucket, prefix+"/"+name+".md5", []byte(base64.StdEncoding.EncodeToString(sum[:])))
	}
	files := ""
	var last []byte
	for n := range 2 {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		for i := range 300 {
			fmt.Fprintf(w, "{\"Item\":%s}\n", e2eItem(fmt.Sprintf("x%d-%d", n, i)))
		}
		r.must(w.Close())
		last = packed.Bytes()
		sum := md5.Sum(last)
		key := fmt.Sprintf("%s/data/%d.json.gz", prefix, n)
		r.upload(bucket, key, last)
		files += fmt.Sprintf("{\"itemCount\":300,\"md5Checksum\":%q,\"etag\":\"%x-1\",\"dataFileS3Key\":%q}\n",
			base64.StdEncoding.EncodeToString(sum[:]), md5.Sum(sum[:]), key)
	}
	manifest("manifest-files", files)
	manifest("manifest-summary", `{"manifestFilesS3Key":"`+prefix+`/manifest-files.json","outputFormat":"DYNAMODB_JSON"}`)
	r.command(0, []string{"replay", "export", "s3://" + bucket + "/" + prefix}, "enqueued 600 upserts and 0 deactivations of 600 records")
	r.wants(600, 0, 600)

	spoiled := bytes.Clone(last)
	spoiled[len(spoiled)/2] ^= 1
	r.upload(bucket, prefix+"/data/1.json.gz", spoiled)
	r.command(1, []string{"replay", "export", "s3://" + bucket + "/" + prefix}, "enqueued 300 upserts",
		"s3://backups/"+prefix+"/data/1.json.gz: its checksum is another than the manifest's; nothing of it was used")
	r.wants(300, 0, 300)
}
