package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// rivalsDir finds the folder of rivals from where one runs the program.
func rivalsDir(name string) (string, error) {
	for _, dir := range []string{"bench/rivals", "rivals"} {
		at := filepath.Join(dir, name)
		if _, err := os.Stat(at); err == nil {
			return filepath.Abs(at)
		}
	}
	return "", errors.New("bench/rivals is not here; run the program in the root of the repository")
}

// buildSDK compiles it, out of the workspace: it has a manifest of its own.
func buildSDK(ctx context.Context, cache string) ([]string, error) {
	dir, err := rivalsDir("sdk")
	if err != nil {
		return nil, err
	}
	program := filepath.Join(cache, "sdk")
	build := exec.CommandContext(ctx, "go", "build", "-o", program, ".") //nolint:gosec // our own sources
	build.Dir, build.Env = dir, append(os.Environ(), "GOWORK=off")
	return []string{program}, said(build)
}

// buildKPL fetches the jars that pom.xml lists and compiles the program, once for each version of the two.
func buildKPL(ctx context.Context, cache string) ([]string, error) {
	if runtime.GOOS != "linux" {
		return nil, errors.New("its processes are counted on Linux only")
	}
	for _, tool := range []string{"java", "javac", "mvn"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s is not installed (Debian: apt-get install default-jdk-headless maven)", tool)
		}
	}
	dir, err := rivalsDir("kpl")
	if err != nil {
		return nil, err
	}
	pom, source := filepath.Join(dir, "pom.xml"), filepath.Join(dir, "Kpl.java")
	sum := sha256.New()
	for _, file := range []string{pom, source} {
		text, err := os.ReadFile(file) //nolint:gosec // our own sources
		if err != nil {
			return nil, fmt.Errorf("its sources: %w", err)
		}
		sum.Write(text)
	}
	at := filepath.Join(cache, fmt.Sprintf("kpl-%.6x", sum.Sum(nil)))
	command := []string{"java", "-Xmx256m", "-cp", at + "/classes:" + at + "/jars/*", "Kpl"}
	if _, err := os.Stat(filepath.Join(at, "classes", "Kpl.class")); err == nil {
		return command, nil
	}
	//nolint:gosec // our own list of jars, our own sources
	fetch := exec.CommandContext(ctx, "mvn", "--quiet", "--batch-mode", "--file", pom, "dependency:copy-dependencies",
		"-DincludeScope=runtime", "-DoutputDirectory="+filepath.Join(at, "jars"))
	if err := said(fetch); err != nil {
		return nil, err
	}
	compile := exec.CommandContext(ctx, "javac", "-cp", at+"/jars/*", "-d", filepath.Join(at, "classes"), source) //nolint:gosec // as above
	return command, said(compile)
}

// said runs a tool whose output matters only when it fails.
func said(tool *exec.Cmd) error {
	if out, err := tool.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %.300s", filepath.Base(tool.Path), err, out)
	}
	return nil
}
