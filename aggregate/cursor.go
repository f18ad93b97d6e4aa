package aggregate

// cursor walks over the user records of a message, up to the first malformed one.
type cursor struct {
	message  *message
	rest     []byte // from the next Record on; empty when there is none
	position int    // of the next one
}

func (m *message) userRecords() cursor {
	c := cursor{message: m, rest: m.encoded}
	c.skip()
	return c
}

// skip moves on to the next Record.
func (c *cursor) skip() {
	for len(c.rest) > 0 {
		f, rest, _ := nextField(c.rest, maxDepth)
		if f.is(tagRecords) {
			return
		}
		c.rest = rest
	}
}

func (c *cursor) more() bool { return len(c.rest) > 0 }

// next returns the user record at the cursor and its hash key, or the error that
// ends the walk.
func (c *cursor) next() (UserRecord, *[16]byte, error) {
	f, rest, _ := nextField(c.rest, maxDepth)
	r, _ := parseRecord(f.bytes)
	user, hash, err := c.message.resolve(r, c.position)
	if err != nil {
		c.rest = nil
		return UserRecord{}, nil, err
	}
	c.rest = rest
	c.position++
	c.skip()
	return user, hash, nil
}

// resolve looks up the keys of a record.
func (m *message) resolve(r record, position int) (UserRecord, *[16]byte, error) {
	if r.key >= uint64(len(m.keys)) {
		return UserRecord{}, nil, badIndex(position, "partition_key_index", r.key, len(m.keys))
	}
	k := &m.keys[r.key]
	user := UserRecord{
		PartitionKey: m.text(k),
		Data:         r.data,
		Position:     position,
		Aggregated:   true,
	}
	if !r.hasHash {
		return user, &k.hash, nil
	}
	if r.hash >= uint64(len(m.hashes)) {
		return UserRecord{}, nil, badIndex(position, "explicit_hash_key_index", r.hash, len(m.hashes))
	}
	k = &m.hashes[r.hash]
	user.ExplicitHashKey = m.text(k)
	if !k.valid {
		return UserRecord{}, nil, badHashKey(position, user.ExplicitHashKey)
	}
	return user, &k.hash, nil
}
