package main

import (
	"runtime/debug"
	"strings"
)

// commit is set by .ko.yaml (-ldflags "-X main.commit=…"); a plain `go build` leaves it to the version control stamp.
var commit string

// Build is what the running program was made from.
type Build struct {
	Commit string `json:"commit"`
	Dirty  bool   `json:"dirty"`
	Go     string `json:"go"`
	Image  string `json:"image"`
	Digest string `json:"digest"`
}

// readBuild puts together what the linker, the Go toolchain and Fly know. Fly sets FLY_IMAGE_REF to the image that the
// machine runs, with its digest when it was deployed with one.
// https://fly.io/docs/machines/runtime-environment/#fly_image_ref
func readBuild(getenv func(string) string) Build {
	build := Build{Commit: commit, Image: getenv("FLY_IMAGE_REF")}
	build.Dirty = strings.HasSuffix(imageTag(build.Image), "-dirty")
	if _, digest, found := strings.Cut(build.Image, "@"); found {
		build.Digest = digest
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return build
	}
	build.Go = info.GoVersion
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision" && build.Commit == "":
			build.Commit = setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			build.Dirty = true
		}
	}
	return build
}

// imageTag is the tag of registry/repo:tag@digest. The registry may have a port, so only what follows the last slash counts.
func imageTag(image string) string {
	name, _, _ := strings.Cut(image, "@")
	name = name[strings.LastIndex(name, "/")+1:]
	_, tag, _ := strings.Cut(name, ":")
	return tag
}
