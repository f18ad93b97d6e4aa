package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"

	"github.com/kinecast/kinecast"
)

const (
	stream = "orders"
	// between is how many lines are put between two checkpoints: what is repeated after a crash, at the most.
	between = 500
)

// copyFile puts each line of a file into the stream, from the position on that was committed last.
//
// The order of three steps is all there is to it. Checkpoint returns nil when everything put before it is in the stream, so
// the position is committed after it, never before. A crash in between repeats the lines since the last commit.
func copyFile(ctx context.Context, endpoint, name, position string) error {
	from, err := load(position)
	if err != nil {
		return err
	}
	file, err := os.Open(name) //nolint:gosec // the file is what the caller wants copied
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err = file.Seek(from, io.SeekStart); err != nil {
		return err
	}
	producer, err := kinecast.New(clientOf(endpoint), kinecast.Config[string]{
		DefaultStream: stream,
		Serializer:    kinecast.String(),
		Partitioner:   kinecast.ByKey(idOf),
	})
	if err != nil {
		return err
	}
	lines := bufio.NewReader(file)
	for more := true; more; {
		var n int64
		if n, more, err = putSome(ctx, producer, lines); err != nil {
			return err
		}
		if err = producer.Checkpoint(ctx); err != nil { // nil: all of them are in the stream
			return err
		}
		from += n
		if err = commit(position, from); err != nil {
			return err
		}
	}
	return producer.Close(ctx)
}

// putSome puts the next lines, and says how many bytes of the file they are and whether there may be more.
func putSome(ctx context.Context, producer *kinecast.Producer[string], lines *bufio.Reader) (n int64, more bool, err error) {
	for range between {
		line, err := lines.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return n, false, nil
		}
		if err != nil {
			return n, false, err
		}
		if err = producer.Put(ctx, strings.TrimSuffix(line, "\n")); err != nil {
			return n, false, err
		}
		n += int64(len(line))
	}
	return n, true, nil
}

// idOf is the id of an order, the first word of its line: what a consumer knows a repeated one by.
func idOf(line string) string {
	id, _, _ := strings.Cut(line, " ")
	return id
}

func clientOf(endpoint string) *kinesis.Client {
	return kinesis.New(kinesis.Options{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(endpoint), // leave this line out for the service itself
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "example", SecretAccessKey: "example"}, nil
		}),
	})
}
