package connection

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/kinecast/kinecast/internal/properties"
)

// credentialsOf is who the client is, as far as the properties say it; nil if they leave that to whoever makes the client.
func credentialsOf(c properties.Connection) aws.CredentialsProvider {
	switch c.Credentials {
	case "BASIC":
		return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{
				AccessKeyID: c.AccessKey.Reveal(), SecretAccessKey: c.SecretKey.Reveal(), SessionToken: c.SessionToken.Reveal(),
				Source: "properties",
			}, nil
		})
	case "ENV_VAR":
		return aws.CredentialsProviderFunc(fromEnvironment)
	}
	return nil
}

// fromEnvironment reads the variables again each time that credentials are asked for, as the Java SDK does.
func fromEnvironment(context.Context) (aws.Credentials, error) {
	got := aws.Credentials{
		AccessKeyID:     cmp.Or(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_ACCESS_KEY")),
		SecretAccessKey: cmp.Or(os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SECRET_KEY")),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !got.HasKeys() {
		return aws.Credentials{}, errors.New("aws.credentials.provider is ENV_VAR, but AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set")
	}
	return got, nil
}
