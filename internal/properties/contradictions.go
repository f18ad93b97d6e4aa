package properties

import "fmt"

// userTimeout is what the KPL's UserRecordTimeoutInMillis sets.
const userTimeout = "RecordTTL, if that is longer"

// contradictions looks at entries together: each of them is in order, and yet not all can be meant.
func (r *resolution) contradictions() {
	r.times()
	r.timeout()
	r.counts()
	r.keys()
	r.proxy()
	if r.has("client: port") && !r.has("client: endpoint") {
		r.useless("client: port", "there is no KinesisEndpoint that it could belong to")
	} else if c, set := r.winners["client: endpoint"]; set && r.has("client: port") && c.setting.Origin == Flink {
		r.useless("client: port", c.entry.Key+" has its own port")
	}
	if off := r.values.AggregationDisabled; off != nil && *off {
		r.useless("AggregationMaxCount", "aggregation is disabled")
		r.useless("AggregationMaxSize", "aggregation is disabled")
	}
	if p := r.values.OrderPerKey; p != nil && *p && r.values.RandomPartitioner != nil {
		r.clash("Ordering", "Partitioner", "random keys have no order")
	}
}

func (r *resolution) times() {
	ttl, linger := r.values.RecordTTL, r.values.RecordMaxBufferedTime
	if ttl != nil && linger != nil && *ttl > 0 && *ttl < *linger {
		r.clash("RecordTTL", "RecordMaxBufferedTime", "records would end before they may be sent")
	}
}

// timeout is the second time that ends a record.
func (r *resolution) timeout() {
	limit, linger := r.values.UserRecordTimeout, r.values.RecordMaxBufferedTime
	if limit != nil && linger != nil && *limit > 0 && *limit < *linger {
		r.clash(userTimeout, "RecordMaxBufferedTime", "records would end before they may be sent")
	}
}

func (r *resolution) counts() {
	limit, batch := r.winners["QueueLimit"], r.winners["CollectionMaxCount"]
	if limit.setting != nil && batch.setting != nil && limit.setting.Origin == Table && batch.setting.Origin == Table &&
		limit.value.whole <= batch.value.whole {
		r.clash("QueueLimit", "CollectionMaxCount", "no request could ever be full")
	}
}

// keys looks at credentials that are written out.
func (r *resolution) keys() {
	const id, key, token = "client: access key id", "client: secret access key", "client: session token"
	c := &r.values.Connection
	if kind := r.winners["client: credentials"]; c.Credentials != "" && c.Credentials != "BASIC" {
		for _, target := range []string{id, key, token} {
			r.useless(target, fmt.Sprintf("%s is %s", kind.entry.Key, c.Credentials))
		}
		return
	}
	switch {
	case r.has(id) && !r.has(key):
		r.fault(r.winners[id].entry, "is set and the secret key is not; set "+credentials+".basic.secretkey, too")
	case r.has(key) && !r.has(id):
		r.fault(r.winners[key].entry, "is set and the access key is not; set "+credentials+".basic.accesskeyid, too")
	case c.Credentials == "BASIC" && !r.has(id):
		r.fault(r.winners["client: credentials"].entry,
			"is BASIC, but neither key is set; set "+credentials+".basic.accesskeyid and "+credentials+".basic.secretkey")
	case r.has(token) && !r.has(id):
		r.fault(r.winners[token].entry, "is set and the keys are not; it belongs to an access key and a secret key")
	case r.has(id):
		c.Credentials = "BASIC"
	}
}

func (r *resolution) proxy() {
	const host, user, password = "client: proxy", "client: user of the proxy", "client: password of the proxy"
	if !r.has(host) {
		for _, target := range []string{"client: port of the proxy", user, password} {
			if r.has(target) {
				r.fault(r.winners[target].entry, "is set and ProxyHost is not; set both")
			}
		}
		return
	}
	if r.has(password) && !r.has(user) {
		r.fault(r.winners[password].entry, "is set and ProxyUserName is not; set both")
	}
}

func (r *resolution) has(target string) bool {
	_, set := r.winners[target]
	return set
}

// clash finds fault with the first of two targets.
func (r *resolution) clash(first, second, because string) {
	a, b := r.winners[first], r.winners[second]
	r.fault(a.entry, fmt.Sprintf("is %s and %s%s is %s: %s", shown(a.entry.Value), b.entry.Key, onLine(b.entry.Line), shown(b.entry.Value), because))
}

// useless turns the note of an entry that has no effect.
func (r *resolution) useless(target, because string) {
	for i := range r.notes {
		if n := &r.notes[i]; n.Outcome == Set && n.Target == target {
			n.Outcome, n.Text = Unneeded, "has no effect: "+because
		}
	}
}
