//go:build !amd64 || purego

package md5lanes

var widest kernel
