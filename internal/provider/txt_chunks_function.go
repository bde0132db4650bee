package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/launchready/terraform-provider-launchready/internal/cloudflare"
)

// txtChunksFunction cuts a text into character-strings.
type txtChunksFunction struct{}

func newTXTChunksFunction() function.Function { return txtChunksFunction{} }

func (txtChunksFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "txt_chunks"
}

func (txtChunksFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Cuts a text into the strings of a TXT record",
		MarkdownDescription: "Returns the text as character-strings of at most 255 bytes each (RFC 1035 section 3.3), as a TXT record carries it; quoted text, as in a zone file, is unquoted first. " +
			"No character is cut in two. The records of this provider do this by themselves: the function is for other consumers of a long key.",
		Parameters: []function.Parameter{function.StringParameter{Name: "text", MarkdownDescription: "Text, such as a DKIM key record."}},
		Return:     function.ListReturn{ElementType: types.StringType},
	}
}

func (txtChunksFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var text string
	if resp.Error = req.Arguments.Get(ctx, &text); resp.Error != nil {
		return
	}
	resp.Error = resp.Result.Set(ctx, cloudflare.TXTChunks(cloudflare.UnquoteTXT(text)))
}
