package envnames

import (
	"slices"
	"strings"
)

// fromLines reads files of variables, lists and tables, and counts the lines that
// are neither.
func fromLines(text string, target Target) (found []Name, unread int) {
	placed := false // a table that says the environments of each name (vercel env ls)
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == "", line[0] == '#', line[0] == ';', strings.HasPrefix(line, "//"), strings.HasPrefix(line, "==="), strings.Trim(line, "-─━═=+│|║╔╗╚╝╠╣┌┬┐└┴┘├┼┤╭╮╰╯ ") == "":
			continue
		case strings.HasPrefix(line, "-----BEGIN "): // a key whose quotes were forgotten
			i = endOfKey(lines, i)
			continue
		case remark(line):
			continue
		case environmentsHeading(line):
			placed = true
			continue
		case placed && !placedIn(line, target):
			continue
		}
		if entry, ok := ofSequence(line); ok {
			if entry != "" {
				found = append(found, Name{Name: entry})
			}
			continue
		}
		if name, value, ok := assignment(line); ok {
			if strings.HasPrefix(strings.Trim(value, "\"'"), "-----BEGIN ") && !strings.Contains(value, "-----END ") && closed(value) {
				i = endOfKey(lines, i)
			}
			value, i = whole(value, lines, i)
			found = append(found, Name{Name: name, Empty: isBlank(value)})
			continue
		}
		if names := several(line); len(names) > 0 {
			found = append(found, names...)
			continue
		}
		if name := listed(line); name != "" {
			found = append(found, Name{Name: name})
			continue
		}
		unread++
	}
	return found, unread
}

// endOfKey is the line that ends a key in PEM; the last line where none does.
func endOfKey(lines []string, at int) int {
	for at < len(lines)-1 && !strings.Contains(lines[at], "-----END ") {
		at++
	}
	return at
}

// closed reports whether a value is not in quotes that end further below.
func closed(value string) bool {
	return value == "" || !strings.ContainsRune("\"'`", rune(value[0])) || closing(value[1:], value[0]) >= 0
}

// remark reports whether a line is what a command says of itself, such as that
// nobody is signed in.
func remark(line string) bool {
	first, _, _ := strings.Cut(line, " ")
	switch strings.TrimRight(first, ":!") {
	case "ERROR", "WARN", "WARNING", "NOTE", "INFO", "HTTP", "FATAL", "HINT", "TIP":
		return !strings.Contains(line, "=") && strings.Contains(line, " ")
	}
	return false
}

// places are what vercel env ls calls the environments.
var places = []string{"production", "preview", "development"}

func environmentsHeading(line string) bool {
	words := strings.Fields(strings.ToLower(line))
	return len(words) >= 3 && words[0] == "name" && slices.Contains(words[1:], "environments")
}

// placedIn reports whether a row of such a table is of the environment that is
// asked for. A row that names none of them is of one that the user has named.
func placedIn(line string, target Target) bool {
	if target == Any {
		return true
	}
	known := false
	words := strings.FieldsFunc(strings.ToLower(line), func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	for _, word := range words[min(1, len(words)):] {
		if slices.Contains(contexts[target], word) {
			return true
		}
		known = known || slices.Contains(places, word)
	}
	return !known
}

// ofSequence is the name in an element of a list of YAML, - key: NAME; ok alone for
// what such an element says beside it.
func ofSequence(line string) (name string, ok bool) {
	for _, field := range []string{"- key:", "- name:"} {
		if value, found := strings.CutPrefix(line, field); found {
			value = strings.Trim(comment(strings.TrimSpace(value)), "\"'")
			if !IsName(value) {
				value = ""
			}
			return value, true
		}
	}
	return "", false
}

// several are the names in a line of nothing else.
func several(line string) []Name {
	words := strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' })
	if len(words) < 2 || heading(words) {
		return nil
	}
	var out []Name
	for _, word := range words {
		if !IsName(word) || encoded(word) || !strings.Contains(line, ",") && !strings.Contains(word, "_") {
			return nil
		}
		out = append(out, Name{Name: word})
	}
	return out
}

// assignment is NAME=value, with export or set before it or not.
func assignment(line string) (name, value string, ok bool) {
	for _, word := range []string{"export ", "set ", "ENV ", "declare -x ", "- "} {
		line = strings.TrimSpace(strings.TrimPrefix(line, word))
	}
	name, value, ok = strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if ok && assignable(name) {
		return name, comment(strings.TrimSpace(value)), true
	}
	// NAME: value, of heroku config and of YAML.
	name, value, ok = strings.Cut(line, ":")
	if ok && IsName(name) && (value == "" || value[0] == ' ' || value[0] == '\t') {
		return name, comment(strings.TrimSpace(value)), true
	}
	return "", "", false
}

// comment takes off what is behind a value that has no quotes.
func comment(value string) string {
	if value == "" || value[0] == '"' || value[0] == '\'' || value[0] == '`' {
		return value
	}
	if value[0] == '#' {
		return ""
	}
	before, _, _ := strings.Cut(value, " #")
	return before
}

// whole is a value in quotes up to the quote that ends it, which may be lines
// below, and the line that holds it. Without one the line is all.
func whole(value string, lines []string, at int) (string, int) {
	if value == "" || !strings.ContainsRune("\"'`", rune(value[0])) {
		return value, at
	}
	quote := value[0]
	if end := closing(value[1:], quote); end >= 0 {
		return value[:end+2], at
	}
	for next := at + 1; next < len(lines) && next-at <= 200; next++ {
		if closing(lines[next], quote) >= 0 {
			return value + "...", next
		}
	}
	return value, at
}

// closing is where a quote ends; -1 if it does not.
func closing(text string, quote byte) int {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			if quote == '"' {
				i++
			}
		case quote:
			return i
		}
	}
	return -1
}

// listed is the name in a line of a list, or in the first column of a table.
func listed(line string) string {
	line = strings.Trim(line, "│|┃║ \t*-•>\"',`")
	words := strings.FieldsFunc(line, func(r rune) bool {
		return r == ' ' || r == '\t' || r == '│' || r == '|' || r == '┃' || r == '║' || r == ','
	})
	if len(words) == 0 {
		return ""
	}
	first := strings.Trim(words[0], "\"'`")
	if !IsName(first) || len(words) == 1 && first != strings.Trim(line, "\"'`") {
		return ""
	}
	if heading(words) || len(words) == 1 && encoded(first) {
		return ""
	}
	return first
}

// heading reports whether a line is the head of a table: NAME DIGEST CREATED AT.
func heading(words []string) bool {
	first := words[0]
	for _, word := range words {
		if word != strings.ToUpper(word) {
			return false
		}
	}
	return len(words) > 1 && (first == "NAME" || first == "KEY" || first == "NAMES" || first == "VARIABLE" || first == "ID")
}

// encoded reports whether a bare word looks drawn, such as a line of a key.
func encoded(word string) bool {
	digits := 0
	for _, r := range word {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	return len(word) >= 24 && !strings.Contains(word, "_") && digits > 0 || len(word) >= 60
}
