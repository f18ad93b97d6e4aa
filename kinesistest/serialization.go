package kinesistest

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
)

// The service's words for JSON that it cannot read.

// typeMismatch words a type error as the service does. got is the JSON type, in the words
// of encoding/json; want is "an Integer" and the like, or all of the text for the types that
// nothing can be converted to.
func typeMismatch(got, want string) *apiError {
	class := map[string]string{
		"string": "class java.lang.String",
		"bool":   "class java.lang.Boolean",
		"number": "class com.amazon.coral.value.json.numbers.TruncatingBigNumber",
	}[got]
	switch {
	case got == "array":
		return refuse(codeSerialization, "Start of list found where not expected")
	case got == "object":
		return refuse(codeSerialization, "Start of structure or map found where not expected.")
	case class == "" || want[0] == 'E':
		return refuse(codeSerialization, "%s", want)
	}
	return refuse(codeSerialization, "%s can not be converted to %s", class, want)
}

// serializationError turns an error of encoding/json into the service's.
func serializationError(err error) error {
	var mismatch *json.UnmarshalTypeError
	var refused *apiError
	switch {
	case errors.As(err, &refused): // of a type of ours
		return refused
	case errors.As(err, &mismatch):
		got, _, _ := strings.Cut(mismatch.Value, " ") // "number 1.5" for one that is no integer
		return typeMismatch(got, wanted(mismatch.Type))
	}
	return refuse(codeSerialization, "%v", err)
}

// wanted names a member's type as the service does.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int:
		return "an Integer"
	case reflect.Bool:
		return "an Boolean"
	case reflect.Slice:
		return "a Blob"
	case reflect.Struct:
		return "Expected map or null"
	}
	return "an String"
}
