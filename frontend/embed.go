// Package frontend carries the built terminal inside the binary.
//
// dist is made by `npm run build`; on a fresh clone it holds a placeholder only, so that the
// server builds without Node and can say what to run.
package frontend

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files is the built terminal and what stands beside it: index.html, desk.html of the operators, phone.html of the
// demonstration and assets/ at its root.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("frontend: the embedded folder dist has no valid name: " + err.Error())
	}
	return files
}
