//go:build !amd64 || purego

package md5lanes

var kernels = map[string]kernel{"none": nil}
