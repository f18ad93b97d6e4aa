package kinesistest

// target is how a request names its stream: by name, by ARN, or by both if they agree.
type target struct {
	StreamName *string
	StreamARN  *string
}

func (t target) address() target { return t }

// touches and volume are the answers of a request about no shard and no record.
func (target) touches(*stream, string, string) bool { return false }
func (target) volume() (records, bytes int)         { return 0, 0 }

func (t target) check(c *checks) {
	if t.StreamName != nil {
		c.name("streamName", *t.StreamName)
	}
	if t.StreamARN != nil {
		c.pattern("streamARN", *t.StreamARN, arnPattern)
		c.length("streamARN", *t.StreamARN, 2048)
	}
}

// nameOf is the name that a request means, "" if it means none; nothing is checked.
func (s *service) nameOf(t target) string {
	if t.StreamName != nil {
		return *t.StreamName
	}
	if t.StreamARN != nil {
		if arn, ok := parseARN(*t.StreamARN); ok {
			return arn.name
		}
	}
	return ""
}

// resolve finds the stream that a checked request means, in whatever state it is.
func (s *service) resolve(t target) (*stream, error) {
	if t.StreamName == nil && t.StreamARN == nil {
		return nil, refuse(codeInvalidArgument, "Either StreamName or StreamARN must be provided.")
	}
	name, account := s.nameOf(t), s.account
	if t.StreamARN != nil {
		arn, _ := parseARN(*t.StreamARN)
		if arn.name != name {
			return nil, refuse(codeInvalidArgument,
				"StreamName %s and StreamARN %s do not name the same stream.", name, *t.StreamARN)
		}
		if arn.region != s.region || arn.account != s.account {
			return nil, noStream(*t.StreamARN, arn.account)
		}
	}
	if st := s.find(name); st != nil {
		return st, nil
	}
	return nil, noStream(name, account)
}

// resolveWritable finds a stream for reading and writing records: the service says that a
// stream that is CREATING or DELETING is not there.
func (s *service) resolveWritable(t target) (*stream, error) {
	st, err := s.resolve(t)
	if err == nil && !st.writable() {
		return nil, noStream(st.name, s.account)
	}
	return st, err
}

// resolveReady finds a stream for operations that need it ACTIVE or UPDATING and say so.
func (s *service) resolveReady(t target) (*stream, error) {
	st, err := s.resolve(t)
	if err == nil && !st.writable() {
		return nil, notActive(st, s.account)
	}
	return st, err
}
