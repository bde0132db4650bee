// Command terraform-provider-launchready serves the launchready provider to
// Terraform and OpenTofu.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/launchready/terraform-provider-launchready/internal/provider"
)

// version is set by the linker at release.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "wait for a debugger: print how Terraform can reattach")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/launchready/launchready",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
