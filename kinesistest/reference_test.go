package kinesistest_test

import (
	"cmp"
	"crypto/md5"
	"math/big"
	"regexp"
	"slices"
)

// reference is Kinesis in sixty lines: streams by name, shards by number. A method returns the code of the service's error, ""
// for none. It knows nothing of the server: TestReference compares the two.
type reference map[string][]*refShard

type refShard struct {
	first, last *big.Int
	parents     []int
	closed      bool
	data        []string
}

type refEntry struct{ key, hash, data string }

var refMax, refHash = new(big.Int).Lsh(big.NewInt(1), 128), regexp.MustCompile(`^(0|[1-9]\d{0,38})$`)

func refPlus(n *big.Int, d int64) *big.Int { return new(big.Int).Add(n, big.NewInt(d)) }

func (m reference) create(name string, n int64) string {
	if m[name] != nil {
		return "ResourceInUseException"
	}
	for i, first := int64(1), new(big.Int); i <= n; i++ {
		end := new(big.Int).Div(new(big.Int).Mul(refMax, big.NewInt(i)), big.NewInt(n))
		m[name], first = append(m[name], &refShard{first: first, last: refPlus(end, -1)}), end
	}
	return ""
}

func (m reference) put(name string, entries []refEntry) (shards []int, code string) {
	hashes := make([]*big.Int, len(entries))
	if m[name] == nil {
		code = "ResourceNotFoundException"
	}
	for i, e := range entries {
		sum := md5.Sum([]byte(e.key))
		hashes[i], _ = new(big.Int).SetString(cmp.Or(e.hash, new(big.Int).SetBytes(sum[:]).String()), 10)
		if e.key == "" || e.hash != "" && !refHash.MatchString(e.hash) {
			return nil, "ValidationException"
		} else if hashes[i].Cmp(refMax) >= 0 {
			code = "InvalidArgumentException"
		}
	}
	for i := 0; i < len(entries) && code == ""; i++ {
		n := slices.IndexFunc(m[name], func(s *refShard) bool { return !s.closed && s.first.Cmp(hashes[i]) <= 0 && hashes[i].Cmp(s.last) <= 0 })
		shards, m[name][n].data = append(shards, n), append(m[name][n].data, entries[i].data)
	}
	return shards, code
}

// reshard splits one shard at a hash key, or merges two.
func (m reference) reshard(name string, at *big.Int, ids ...int) string {
	for _, id := range ids {
		if id >= len(m[name]) {
			return "ResourceNotFoundException"
		} else if m[name][id].closed {
			return "InvalidArgumentException"
		}
	}
	slices.SortFunc(ids, func(a, b int) int { return m[name][a].first.Cmp(m[name][b].first) })
	low, high := m[name][ids[0]], m[name][ids[len(ids)-1]]
	if at == nil && refPlus(low.last, 1).Cmp(high.first) != 0 || at != nil && (at.Cmp(refPlus(low.first, 1)) <= 0 || at.Cmp(low.last) >= 0) {
		return "InvalidArgumentException"
	}
	low.closed, high.closed = true, true
	if m[name] = append(m[name], &refShard{first: low.first, last: high.last, parents: ids}); at != nil {
		m[name][len(m[name])-1].last = refPlus(at, -1)
		m[name] = append(m[name], &refShard{first: at, last: high.last, parents: ids})
	}
	return ""
}
