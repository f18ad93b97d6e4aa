package interop

import (
	"context"
	"errors"

	"github.com/kinecast/kinecast/aggregate"
)

// deaggregate is our own reader, by the KCL's rules.
func deaggregate(_ context.Context, records []stored) ([]user, error) {
	var users []user
	for i, r := range records {
		var within aggregate.Range
		decimal(r.first).FillBytes(within.First[:])
		decimal(r.last).FillBytes(within.Last[:])
		for u, err := range aggregate.Deaggregate(r.key, r.data, &within) {
			if errors.Is(err, aggregate.ErrOutOfRange) {
				break // as the KCL does
			}
			if err != nil {
				return nil, err
			}
			users = append(users, user{
				record: i, position: u.Position, aggregated: u.Aggregated,
				key: string(u.PartitionKey), hashKey: string(u.ExplicitHashKey), data: u.Data,
			})
		}
	}
	return users, nil
}
