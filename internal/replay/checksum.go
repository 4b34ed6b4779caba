package replay

import (
	"crypto/md5" //nolint:gosec // what AWS writes into its manifests
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

// sums are what is said of a file: the MD5 of its content, in base64 or hexadecimal, and S3's entity tag, which is the
// MD5 of a file that was uploaded whole, and of the MD5 of one that was uploaded in one part.
type sums struct{ MD5, ETag string }

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
	sum := hash.Sum(nil)
	checked := false
	if s.MD5 != "" {
		checked = true
		if s.MD5 != base64.StdEncoding.EncodeToString(sum) && !strings.EqualFold(s.MD5, hex.EncodeToString(sum)) {
			return errChecksum
		}
	}
	switch tag, parts, inParts := strings.Cut(strings.Trim(s.ETag, `"`), "-"); {
	case tag == "":
	case !inParts:
		checked = true
		if !strings.EqualFold(tag, hex.EncodeToString(sum)) {
			return errChecksum
		}
	case parts == "1":
		checked = true
		ofSum := md5.Sum(sum) //nolint:gosec // as above
		if !strings.EqualFold(tag, hex.EncodeToString(ofSum[:])) {
			return errChecksum
		}
	}
	if !checked {
		return errNoChecksum
	}
	return nil
}
