package kcl_test

import (
	"crypto/md5"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/kinecast/kinecast/internal/kplpb"
	"github.com/kinecast/kinecast/proptest/kcl"
)

// sealed is an aggregated record with this message.
func sealed(t *testing.T, m *kplpb.AggregatedRecord) []byte {
	t.Helper()
	body, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum(body)
	return append(append([]byte("\xf3\x89\x9a\xc2"), body...), sum[:]...)
}

func shardOf(t *testing.T, first, last string) kcl.Range {
	t.Helper()
	r, err := kcl.ParseRange(first, last)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The hash key of "a" is 0cc175b9c0f1b6a831c399e269772661, that of "b" 92eb5ffee6ae2fec3ad71c777531578f.
func TestReadDropsAllForOne(t *testing.T) {
	data := sealed(t, &kplpb.AggregatedRecord{
		PartitionKeyTable:    []string{"a", "b"},
		ExplicitHashKeyTable: []string{"7"},
		Records: []*kplpb.Record{
			{PartitionKeyIndex: proto.Uint64(0), Data: []byte("1")},
			{PartitionKeyIndex: proto.Uint64(1), ExplicitHashKeyIndex: proto.Uint64(0), Data: []byte("2")},
		},
	})
	lower := shardOf(t, "0", "170141183460469231731687303715884105727")
	users, dropped, err := kcl.Read(kcl.Kinesis{Key: "a", Data: data}, lower)
	if err != nil || dropped || len(users) != 2 || users[1].Key != "b" || users[1].HashKey != "7" || string(users[0].Data) != "1" {
		t.Errorf("got %+v, dropped %t, %v", users, dropped, err)
	}
	users, dropped, err = kcl.Read(kcl.Kinesis{Key: "a", Data: data}, shardOf(t, "8", "340282366920938463463374607431768211455"))
	if err != nil || !dropped || users != nil {
		t.Errorf("one user record outside: got %+v, dropped %t, %v", users, dropped, err)
	}
}

func TestReadTakesAnythingElseAsItIs(t *testing.T) {
	good := sealed(t, &kplpb.AggregatedRecord{PartitionKeyTable: []string{"a"}})
	for name, data := range map[string]string{
		"empty": "", "short": "\xf3\x89\x9a\xc2", "another digest": string(good[:len(good)-1]) + "x", "no magic": "hello, and twenty more bytes",
	} {
		users, dropped, err := kcl.Read(kcl.Kinesis{Key: "k", HashKey: "9", Data: []byte(data)}, kcl.Range{})
		want := kcl.User{Key: "k", HashKey: "9"}
		if err != nil || dropped || len(users) != 1 || string(users[0].Data) != data || users[0].Key != want.Key || users[0].HashKey != want.HashKey {
			t.Errorf("%s: got %+v, dropped %t, %v", name, users, dropped, err)
		}
	}
}

func TestReadRefusesKeysThatAreNotThere(t *testing.T) {
	for _, r := range []*kplpb.Record{
		{PartitionKeyIndex: proto.Uint64(1), Data: []byte("1")},
		{PartitionKeyIndex: proto.Uint64(0), ExplicitHashKeyIndex: proto.Uint64(1), Data: []byte("1")},
		{PartitionKeyIndex: proto.Uint64(0), ExplicitHashKeyIndex: proto.Uint64(0), Data: []byte("1")},
	} {
		data := sealed(t, &kplpb.AggregatedRecord{
			PartitionKeyTable: []string{"a"}, ExplicitHashKeyTable: []string{"x"}, Records: []*kplpb.Record{r},
		})
		if _, _, err := kcl.Read(kcl.Kinesis{Data: data}, kcl.Range{}); err == nil {
			t.Errorf("%v: no error", r)
		}
	}
}

func TestPoints(t *testing.T) {
	most := "340282366920938463463374607431768211455"
	p, err := kcl.ParsePoint(most)
	if err != nil || p.String() != most || p.Compare(kcl.Point{}) <= 0 || (kcl.Point{}).Compare(p) >= 0 {
		t.Errorf("%v, %v", p, err)
	}
	if got := kcl.PointOf("a").String(); got != "16955237001963240173058271559858726497" {
		t.Errorf("MD5 of a: %s", got)
	}
	for _, bad := range []string{"", "-1", "x", "340282366920938463463374607431768211456"} {
		if _, err := kcl.ParsePoint(bad); err == nil || !strings.Contains(err.Error(), "no hash key") {
			t.Errorf("%q: %v", bad, err)
		}
		if _, err := kcl.ParseRange(bad, "0"); err == nil {
			t.Errorf("a range from %q", bad)
		}
	}
}
