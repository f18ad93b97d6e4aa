package main

import (
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// The SDK's config module, which reads profiles and single sign-on, is not among this project's dependencies; the
// AWS command line fills the gap.
const exportHint = `eval "$(aws configure export-credentials --format env)" puts those of your profile there`

// awsCredentials reads the credentials of the environment. Only -aws leads here.
func awsCredentials(env func(string) string) (aws.Credentials, error) {
	c := aws.Credentials{
		AccessKeyID:     env("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: env("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    env("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if c.AccessKeyID == "" || c.SecretAccessKey == "" {
		return c, errors.New("-aws needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, and AWS_SESSION_TOKEN " +
			"if they are temporary:\n" + exportHint)
	}
	return c, nil
}

// awsAccount names the account that will be written to, as well as it can be known without a call.
func awsAccount(stream streamRef, accessKey string, env func(string) string) string {
	if stream.account != "" {
		return stream.account
	}
	if id := env("AWS_ACCOUNT_ID"); id != "" {
		return id
	}
	if id, ok := accountOfKey(accessKey); ok {
		return id
	}
	return "unknown"
}

// accountOfKey reads the account out of an access key id. Behind the four letters of the key's type stands base32;
// the first 48 of its bits are one flag, 40 bits of account number, and 7 bits of something else. Ids from before
// 2019 have no account in them: theirs go on with I or J.
func accountOfKey(id string) (string, bool) {
	if len(id) != 20 || id[4] == 'I' || id[4] == 'J' {
		return "", false
	}
	b, err := base32.StdEncoding.DecodeString(id[4:])
	if err != nil {
		return "", false
	}
	account := binary.BigEndian.Uint64(b[:8]) << 1 >> 24
	if account > 999_999_999_999 {
		return "", false
	}
	return fmt.Sprintf("%012d", account), true
}
