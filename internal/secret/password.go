package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/sync/semaphore"
)

// Argon2id parameters (RFC 9106): 46 MiB, one pass, one lane; 38 ms on the machine they were chosen on.
const (
	fullMemory   = 46 * 1024 // KiB
	argonTime    = 1
	argonThreads = 1
	argonKey     = 32
)

// argonMemory is what a new hash takes, in KiB.
var argonMemory atomic.Uint32

func init() { argonMemory.Store(fullMemory) }

// ForTests has passwords hashed with a fiftieth of the work, until full asks for all of it again: hashes would else be most of what
// tests of other matters do.
func ForTests(full bool) {
	memory := uint32(fullMemory)
	if !full {
		memory /= 50
	}
	argonMemory.Store(memory)
	dummy.Lock()
	defer dummy.Unlock()
	dummy.phc = ""
}

// At most as many hashes at once as there are processors, and four: each holds 46 MiB, and one more would only make the others slower.
var argonSlots = semaphore.NewWeighted(int64(min(4, runtime.GOMAXPROCS(0))))

// What a hash held is garbage by which the heap would be measured: eight hashes' worth could lie about before anything is collected, and for long
// afterwards nothing would be. So it is collected after every few hashes, and given back to the system when nobody has hashed for a moment. To do both
// after each hash takes as much processor time as the hash: 90 ms instead of 45.
const (
	argonCollect = 4
	argonIdle    = time.Second
)

var (
	hashing atomic.Int32 // now
	hashed  atomic.Int32 // ever
	tidying = tidier()
)

// tidier gives the clock that is set when the last hash has ended.
func tidier() *time.Timer {
	timer := time.AfterFunc(argonIdle, func() {
		if hashing.Load() == 0 {
			debug.FreeOSMemory()
		}
	})
	timer.Stop()
	return timer
}

// HashPassword gives the PHC string of a password.
func HashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	memory := argonMemory.Load()
	key, err := derive(ctx, password, salt, memory, argonTime, argonThreads)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, argonTime, argonThreads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)), nil
}

// CheckPassword compares a password with a PHC string. An empty or unreadable string is compared
// with a hash of nothing, which takes the same time and is never right: unknown people and people
// without a password cost what known ones do. stale says that the parameters have risen since.
func CheckPassword(ctx context.Context, password, phc string) (ok, stale bool, err error) {
	var memory, time uint32
	var threads uint8
	var version int
	parts := strings.Split(phc, "$")
	known := len(parts) == 6 && parts[1] == "argon2id"
	if known {
		_, errV := fmt.Sscanf(parts[2], "v=%d", &version)
		_, errP := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &time, &threads)
		known = errV == nil && errP == nil && version == argon2.Version
	}
	if !known {
		dummy, err := dummyHash(ctx)
		if err != nil {
			return false, false, err
		}
		_, _, err = CheckPassword(ctx, password, dummy)
		return false, false, err
	}
	salt, errS := base64.RawStdEncoding.DecodeString(parts[4])
	want, errK := base64.RawStdEncoding.DecodeString(parts[5])
	if errS != nil || errK != nil {
		return false, false, fmt.Errorf("stored password hash is damaged")
	}
	got, err := derive(ctx, password, salt, memory, time, threads)
	if err != nil {
		return false, false, err
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1
	return ok, ok && (memory < argonMemory.Load() || time < argonTime), nil
}

func derive(ctx context.Context, password string, salt []byte, memory, time uint32, threads uint8) ([]byte, error) {
	if err := argonSlots.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	hashing.Add(1)
	defer func() {
		argonSlots.Release(1)
		if hashed.Add(1)%argonCollect == 0 {
			runtime.GC()
		}
		if hashing.Add(-1) == 0 {
			tidying.Reset(argonIdle)
		}
	}()
	return argon2.IDKey([]byte(password), salt, time, memory, threads, argonKey), nil
}

var dummy struct {
	sync.Mutex
	phc string
}

func dummyHash(ctx context.Context) (string, error) {
	dummy.Lock()
	defer dummy.Unlock()
	if dummy.phc == "" {
		phc, err := HashPassword(ctx, Random())
		if err != nil {
			return "", err
		}
		dummy.phc = phc
	}
	return dummy.phc, nil
}
