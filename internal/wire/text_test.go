package wire

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"Stream events under account 123456789012 not found.":                                "Stream events under account 123456789012 not found.",
		"two\r\nlines\tand \x1b[31mcolour\xff":                                               "two  lines and  [31mcolour�",
		strings.Repeat("ä", 300):                                                             strings.Repeat("ä", 254) + "…",
		strings.Repeat("x", maxText):                                                         strings.Repeat("x", maxText),
		"<html><body>secret":                                                                 "(an HTML page)",
		"answer was <!DOCTYPE html><title>x</title>":                                         "answer was (an HTML page)",
		"key AKIASENTINELACCESSKEY is unknown":                                               "key [withheld] is unknown",
		"Authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=c":                        "Authorization: [withheld]",
		"bad Credential=me/20260101/eu-west-1 here":                                          "bad Credential=[withheld] here",
		"'x-amz-security-token':'abc' is old":                                                "'x-amz-security-token':'[withheld]' is old",
		"1 validation error detected: Value 'k' at 'streamName' failed":                      "1 validation error detected: Value 'k' at 'streamName' failed",
		"Value 'Ann's key' at 'records.1.member.partitionKey' failed to satisfy: length ≤ 2": "Value '[withheld]' at 'records.1.member.partitionKey' failed to satisfy: length ≤ 2",
		"Value '[PutRecordsRequestEntry(data=java.nio, partitionKey=Ann":                     "Value '[withheld]",
		"The request signature does not match.\n\nThe Canonical String for this request should have been\n'POST\nx-amz-security-token:abc": "The request signature does not match.  (canonical request [withheld])",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q\ngot  %q\nwant %q", in, got, want)
		}
	}
}

// The service explains a wrong signature with what was signed, session token included.
func TestSignatureErrorKeepsTheToken(t *testing.T) {
	body := fmt.Sprintf(`{"__type":"InvalidSignatureException","message":"The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:%s\n'"}`, session)
	_, f := PutRecords(t.Context(), newClient(t, serve(t, says(403, amzJSON, body))), events, one)
	check(t, f, verdict{"InvalidSignatureException", 403, false})
	if strings.Contains(f.Err.Error(), session) {
		t.Errorf("the cause has the session token: %v", f.Err)
	}
}

// Whatever a server answers: no panic, a bounded printable line, a code that is a name, and no success without results.
func FuzzHostileAnswer(f *testing.F) {
	f.Add(200, amzJSON, stored)
	f.Add(200, amzJSON, `{"Records":[{"ErrorCode":"`+strings.Repeat("x", 300)+`"}]}`)
	f.Add(400, amzJSON, `{"__type":"a#b:c","message":"Value 'k' at 'records' \ud800 <html>"}`)
	f.Add(502, "text/html; charset=\"", "<html>")
	f.Add(0, "", "{\"Records\":[[[[")
	f.Add(-1, ";;", `{"code":7,"Message":{}}`)
	f.Fuzz(func(t *testing.T, status int, contentType, body string) {
		client := newClient(t, "http://kinesis.invalid", func(o *kinesis.Options) { o.HTTPClient = canned(status, contentType, body) })
		answers, failure := PutRecords(t.Context(), client, events, one)
		if failure == nil {
			if len(answers) != 1 || (answers[0].Code == "") != (answers[0].ShardID != "" && answers[0].SequenceNumber != "") {
				t.Fatalf("believed: %+v", answers)
			}
			checkLine(t, answers[0].Message)
			return
		}
		checkLine(t, failure.Message)
		if !wellFormedCode(failure.Code) || failure.Message == "" || len(failure.Error()) > 2*maxText {
			t.Fatalf("%+v", failure)
		}
		if !failure.Sent && (status < 400 || status > 499) {
			t.Fatalf("status %d is taken for a refusal: %v", status, failure)
		}
	})
}

func FuzzClean(f *testing.F) {
	f.Add("Authorization: ", " x")
	f.Add("<title>", "\x00\xff")
	f.Fuzz(func(t *testing.T, before, after string) {
		const token = "IQoJb3JpZ2luX2VjEXAMPLE"
		got := clean(before + "\nx-amz-security-token:" + token + "\n" + after)
		checkLine(t, got)
		if strings.Contains(got, token) && !strings.Contains(before+after, token) {
			t.Fatalf("token in %q", got)
		}
	})
}

func checkLine(t *testing.T, s string) {
	t.Helper()
	if len(s) > maxText || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		t.Fatalf("%d bytes: %q", len(s), s)
	}
}
