// Package runbook reads what people follow when something goes wrong: Markdown
// in a file, in a folder of files, or in a text. It returns blocks in the order
// of the document, links and dates, and decides nothing. It is the one place
// that knows the Markdown library, and it knows no network.
package runbook

// Book is a runbook as it was read.
type Book struct {
	Files []File // sorted by name
	Gaps  []Gap  // what was not read
	// Folder is where relative links begin; empty for a text.
	Folder string
}

// Gap is a file that was not read, and why.
type Gap struct{ Name, Reason string }

// File is one document.
type File struct {
	Name    string            // relative to the folder, with slashes
	Text    string            // as it stands there, in UTF-8
	Front   map[string]string // front matter: names in lower case, texts alone
	Blocks  []Block
	Anchors map[string]bool // what #anchors may name, as Anchor writes them
	Latin1  bool            // it was no UTF-8 and was taken for Latin-1
}

// Kind tells what a block is.
type Kind int

const (
	Heading   Kind = iota // of HTML, too
	Bold                  // a line of its own that is bold and nothing else
	Paragraph             // outside lists
	Item                  // a paragraph of a list item; only the first one is numbered
	Row                   // of a table, the head left out
	Code                  // a block of code
)

// Block is a part of a document that holds no other.
type Block struct {
	Kind  Kind
	Level int // of a heading, from 1
	Line  int // where it begins, from 1
	// Text is what a reader sees, with code; lines that are broken in the source
	// are apart. Prose is Text without code.
	Text, Prose string
	// Inline is the code within the text, a line each.
	Inline string
	// Tags are what stands in angle brackets and is no tag of HTML: <name>.
	Tags []string
	// Links are in the block's order.
	Links []Link

	Ordered bool // a numbered step or a task to tick off
	First   bool // the first block of its list item
	Parent  bool // an item that has a list of its own
	Depth   int  // of lists, from 1
	Quote   bool // within a quotation

	Heads, Cells []string // of a row; Heads may be empty texts
}

// Link is a link, an image or an address that stands by itself.
type Link struct {
	Text, Target string
	Line         int
}

// Words counts the words that a reader sees. Where a script sets no blanks, two
// letters make a word.
func (b Book) Words() int {
	n := 0
	for _, f := range b.Files {
		for _, block := range f.Blocks {
			n += words(block.Text)
		}
	}
	return n
}
