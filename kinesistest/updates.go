package kinesistest

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
)

// modesPerDay is how often a stream may change its mode in 24 hours: the developer guide's page on
// choosing a mode.
const modesPerDay = 2

type updateMaxRecordSizeRequest struct {
	target
	MaxRecordSizeInKiB *int
}

func (r *updateMaxRecordSizeRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("streamARN", r.StreamARN == nil)
	c.notNull("maxRecordSizeInKiB", r.MaxRecordSizeInKiB == nil)
	c.between("maxRecordSizeInKiB", r.MaxRecordSizeInKiB, minMaxRecordKiB, maxMaxRecordKiB)
	return c.err()
}

func (r *updateMaxRecordSizeRequest) perform(s *service) (any, error) {
	st, err := s.resolveActive(r.target)
	if err != nil {
		return nil, err
	}
	st.maxRecord = *r.MaxRecordSizeInKiB << 10
	s.pass(st, types.StreamStatusUpdating)
	return struct{}{}, nil
}

type updateStreamModeRequest struct {
	target
	StreamModeDetails *streamMode
}

func (r *updateStreamModeRequest) check() error {
	var c checks
	r.target.check(&c)
	c.notNull("streamARN", r.StreamARN == nil)
	c.notNull("streamModeDetails", r.StreamModeDetails == nil)
	if m := r.StreamModeDetails; m != nil {
		c.oneOf("streamModeDetails.streamMode", string(m.StreamMode), "PROVISIONED", "ON_DEMAND")
	}
	return c.err()
}

// perform changes the mode. The shards stay as they are; who chooses them changes, and a
// provisioned stream has no distribution but that by key.
func (r *updateStreamModeRequest) perform(s *service) (any, error) {
	st, err := s.resolveActive(r.target)
	if err != nil {
		return nil, err
	}
	now := s.now()
	st.modes = slices.DeleteFunc(st.modes, func(at time.Time) bool { return now.Sub(at) >= countsDay })
	if len(st.modes) == modesPerDay {
		return nil, refuse(codeLimitExceeded, "Stream %s under account %s cannot change its mode more than %d times per "+
			"rolling 24 hours.", st.name, s.account, modesPerDay)
	}
	st.modes = append(st.modes, now)
	st.mode = r.StreamModeDetails.StreamMode
	st.auto = st.auto && st.mode == types.StreamModeOnDemand
	s.pass(st, types.StreamStatusUpdating)
	return struct{}{}, nil
}

// resolveActive finds a stream for operations that need it ACTIVE.
func (s *service) resolveActive(t target) (*stream, error) {
	st, err := s.resolve(t)
	if err == nil && st.status != types.StreamStatusActive {
		return nil, notActive(st, s.account)
	}
	return st, err
}
