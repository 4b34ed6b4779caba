package replay

import (
	"bytes"
	"crypto/md5" //nolint:gosec // what AWS writes into its manifests
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sums are what is said of a file: the MD5 of its content, in base64 or hexadecimal, and S3's entity tag. The tag is
// looked at only where there is no MD5 and PlainTag says that it can be reckoned: of an object that S3 encrypts with keys
// of its own (AES256) it is the MD5 of the content, and of one uploaded in a single part the MD5 of that. With keys of
// KMS it is no such thing.
type sums struct {
	MD5, ETag string
	PlainTag  bool
}

// plainSSE is how a manifest names the encryption of which the entity tag can be reckoned.
const plainSSE = "AES256"

var (
	errNoChecksum = errors.New("the manifest has no checksum of it that can be checked")
	errChecksum   = errors.New("its checksum is another than the manifest's")
)

// check reads the file from its beginning and compares.
func (s sums) check(file io.ReadSeeker) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	hash := md5.New() //nolint:gosec // as above
	if _, err := io.Copy(hash, file); err != nil {
		return fmt.Errorf("read file: %w", err)
	}
	return s.compare(hash.Sum(nil))
}

// compare compares with the MD5 of the content.
func (s sums) compare(sum []byte) error {
	var same bool
	switch tag, parts, inParts := strings.Cut(strings.Trim(s.ETag, `"`), "-"); {
	case s.MD5 != "":
		same = s.MD5 == base64.StdEncoding.EncodeToString(sum) || isHex(s.MD5, sum)
	case tag == "" || !s.PlainTag || inParts && parts != "1":
		return errNoChecksum
	case inParts:
		ofSum := md5.Sum(sum) //nolint:gosec // as above
		same = isHex(tag, ofSum[:])
	default:
		same = isHex(tag, sum)
	}
	if !same {
		return errChecksum
	}
	return nil
}

// isHex reports that a text is these bytes in hexadecimal.
func isHex(text string, want []byte) bool {
	got, err := hex.DecodeString(text)
	return err == nil && bytes.Equal(got, want)
}
