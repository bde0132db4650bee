package secretscan

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/launchready/terraform-provider-launchready/internal/gitrepo"
)

// Cache remembers what a scan of a repository found, so that the next one reads
// only what is new. It holds findings, and so no secret. What cannot be read, or
// is another version's or configuration's, is as if it were not there. A nil
// cache remembers nothing.
type Cache struct {
	folder string
}

// memory is what is kept of one repository.
type memory struct {
	Tips     []string             `json:"tips"` // commits whose history was read
	Findings []Finding            `json:"findings"`
	EnvFiles map[string]Origin    `json:"env_files"`
	Files    map[string][]Finding `json:"files"` // by path and blob
}

// UserCache is the cache in the user's cache folder; nil where there is none.
func UserCache() *Cache {
	folder, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	return CacheIn(filepath.Join(folder, "launchready", "secrets"))
}

// CacheIn is a cache in a folder.
func CacheIn(folder string) *Cache { return &Cache{folder} }

// file is where a repository's memory is: one a repository, rules and options.
func (c *Cache) file(repo *gitrepo.Repo, key string) string {
	sum := sha256.Sum256([]byte(repo.Root + "\x00" + repo.FirstCommit(context.Background()) + "\x00" + key))
	return filepath.Join(c.folder, hex.EncodeToString(sum[:16])+".json")
}

// load reads a memory; the empty one if there is none. The first line is the
// digest of the rest.
func (c *Cache) load(repo *gitrepo.Repo, key string) memory {
	var m memory
	if c == nil {
		return m
	}
	raw, err := os.ReadFile(c.file(repo, key))
	if err != nil {
		return m
	}
	head, body, ok := bytes.Cut(raw, []byte("\n"))
	sum := sha256.Sum256(body)
	if !ok || string(head) != hex.EncodeToString(sum[:]) || json.Unmarshal(body, &m) != nil {
		return memory{}
	}
	return m
}

// store changes a memory. A cache that cannot be written costs time alone.
func (c *Cache) store(repo *gitrepo.Repo, key string, change func(*memory)) {
	if c == nil {
		return
	}
	m := c.load(repo, key)
	change(&m)
	body, err := json.Marshal(m)
	if err != nil || os.MkdirAll(c.folder, 0o700) != nil {
		return
	}
	sum := sha256.Sum256(body)
	f, err := os.CreateTemp(c.folder, "new-*")
	if err != nil {
		return
	}
	_, err = f.Write(append([]byte(hex.EncodeToString(sum[:])+"\n"), body...))
	if closeErr := f.Close(); err != nil || closeErr != nil || os.Rename(f.Name(), c.file(repo, key)) != nil {
		_ = os.Remove(f.Name()) // nothing else can be done
	}
}
