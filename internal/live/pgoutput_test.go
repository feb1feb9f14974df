package live

import (
	"encoding/binary"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The messages of a small stream, as the server writes them.

func u16(v uint16) string { return string(binary.BigEndian.AppendUint16(nil, v)) }
func u32(v uint32) string { return string(binary.BigEndian.AppendUint32(nil, v)) }
func u64(v uint64) string { return string(binary.BigEndian.AppendUint64(nil, v)) }

func messages() []string {
	text := func(s string) string { return "t" + u32(uint32(len(s))) + s }
	return []string{
		"B" + u64(0x100) + u64(1_000_000) + u32(7),
		"O" + u64(1) + "origin\x00",
		"Y" + u32(9) + "public\x00mood\x00",
		"R" + u32(42) + "public\x00item\x00d" + u16(2) + "\x01id\x00" + u32(23) + u32(0xffffffff) + "\x00note\x00" + u32(25) + u32(0xffffffff),
		"R" + u32(43) + "sale\x00order\x00d" + u16(1) + "\x01id\x00" + u32(23) + u32(0xffffffff),
		"I" + u32(42) + "N" + u16(2) + text("1") + "n",
		"U" + u32(42) + "N" + u16(2) + text("1") + "u",
		"U" + u32(42) + "K" + u16(2) + text("1") + "n" + "N" + u16(2) + text("2") + "b" + u32(1) + "x",
		"D" + u32(42) + "O" + u16(2) + text("2") + text("old"),
		"T" + u32(2) + "\x00" + u32(42) + u32(43),
		"C" + "\x00" + u64(0x100) + u64(0x130) + u64(1_000_000),
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	d := newDecoder(100, 1<<20)
	all := messages()
	var tx Tx
	for i, m := range all {
		got, done, err := d.decode([]byte(m))
		require.NoError(t, err, "%q", m)
		require.Equal(t, i == len(all)-1, done)
		tx = got
	}
	require.Equal(t, LSN(0x130), tx.LSN)
	require.Equal(t, time.Date(2000, 1, 1, 0, 0, 1, 0, time.UTC), tx.At)
	require.Len(t, tx.Changes, 6)
	b, _ := tx.Changes[2].Value("note")
	require.Equal(t, Value{Kind: Binary, Text: "x"}, b)
	old, _ := tx.Changes[3].Old("note")
	require.Equal(t, Value{Kind: Text, Text: "old"}, old)
	require.Equal(t, "sale.order", tx.Changes[5].Table)
	require.Equal(t, "TRUNCATE", tx.Changes[5].Op.String())
}

// Whatever is cut off or out of place gives an error.
func TestDecodeRefusesBrokenMessages(t *testing.T) {
	t.Parallel()
	all := messages()
	for i, m := range all {
		for cut := range len(m) {
			if cut > 0 && (m[0] == 'O' || m[0] == 'Y') {
				continue // ignored whole
			}
			d := newDecoder(100, 1<<20)
			for _, before := range all[:i] {
				_, _, err := d.decode([]byte(before))
				require.NoError(t, err)
			}
			_, done, err := d.decode([]byte(m[:cut]))
			require.Error(t, err, "%q cut to %d", m, cut)
			require.False(t, done)
		}
	}
	relation := all[3]
	for name, stream := range map[string][]string{
		"begin within":        {all[0], all[0]},
		"commit outside":      {all[10]},
		"commit of another":   {all[0], "C\x00" + u64(0x101) + u64(0x130) + u64(0)},
		"change outside":      {relation, all[5]},
		"truncate outside":    {relation, all[4], all[9]},
		"unknown relation":    {all[0], all[5]},
		"too few columns":     {all[0], relation, "I" + u32(42) + "N" + u16(1) + "n"},
		"unknown value":       {all[0], relation, "I" + u32(42) + "N" + u16(2) + "nz"},
		"length beyond end":   {all[0], relation, "I" + u32(42) + "N" + u16(2) + "nt" + u32(0xffffffff)},
		"insert with old":     {all[0], relation, "I" + u32(42) + "K" + u16(2) + "nn"},
		"delete with new":     {all[0], relation, "D" + u32(42) + "N" + u16(2) + "nn"},
		"two new rows":        {all[0], relation, "U" + u32(42) + "N" + u16(2) + "nn" + "N" + u16(2) + "nn"},
		"columns without end": {"R" + u32(42) + "public\x00item\x00d" + u16(0xffff)},
		"unknown kind":        {"S" + u32(1)},
	} {
		d := newDecoder(100, 1<<20)
		var err error
		for _, m := range stream {
			_, _, err = d.decode([]byte(m))
		}
		require.Error(t, err, name)
	}
}

func TestParseFrame(t *testing.T) {
	t.Parallel()
	f, err := parseFrame([]byte("k" + u64(5) + u64(0) + "\x01"))
	require.NoError(t, err)
	require.Equal(t, frame{keepalive: true, lsn: 5, askReply: true}, f)
	f, err = parseFrame([]byte("w" + u64(5) + u64(5) + u64(0) + "body"))
	require.NoError(t, err)
	require.Equal(t, "body", string(f.body))
	for _, bad := range []string{"", "x", "k" + u64(5), "w" + u64(5) + u64(5)} {
		_, err := parseFrame([]byte(bad))
		require.Error(t, err, "%q", bad)
	}
}

// FuzzDecode feeds arbitrary messages, cut out of the input by length prefixes, to one decoder: it
// may refuse them but never panic, nor keep more than its limits.
func FuzzDecode(f *testing.F) {
	var whole []byte
	for _, m := range messages() {
		f.Add(append([]byte{byte(len(m))}, m...))
		whole = append(append(whole, byte(len(m))), m...)
	}
	f.Add(whole)
	f.Fuzz(func(t *testing.T, data []byte) {
		d := newDecoder(3, 200)
		for len(data) > 0 {
			n := min(int(data[0]), len(data)-1)
			msg := data[1 : 1+n]
			data = data[1+n:]
			_, _ = parseFrame(msg)
			tx, done, err := d.decode(msg)
			if err != nil {
				require.False(t, done)
			}
			require.LessOrEqual(t, len(tx.Changes), 3)
			for i := range tx.Changes {
				_, _ = tx.Changes[i].Key("id")
				_, _ = tx.Changes[i].Get("note")
			}
		}
	})
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempt := range 100 {
		most := min(10*time.Second, 100*time.Millisecond<<min(attempt, 20))
		got := backoff(attempt, 100*time.Millisecond, 10*time.Second)
		require.GreaterOrEqual(t, got, most/2)
		require.LessOrEqual(t, got, most)
	}
}

// A server that was away for a minute is tried every second, and when a session breaks soon after it came back the next one
// begins at once; only sessions that break again and again wait longer.
func TestPauses(t *testing.T) {
	t.Parallel()
	p := pauses{least: 100 * time.Millisecond, most: 10 * time.Second}
	refused := fmt.Errorf("connect: %w", errRefused)
	for range 60 {
		require.LessOrEqual(t, p.next(refused, 0), time.Second)
	}
	require.LessOrEqual(t, p.next(io.ErrUnexpectedEOF, 2*time.Second), 100*time.Millisecond)
	for range 10 {
		p.next(io.ErrUnexpectedEOF, 2*time.Second)
	}
	require.Greater(t, p.next(io.ErrUnexpectedEOF, 2*time.Second), 4*time.Second)
	require.LessOrEqual(t, p.next(io.ErrUnexpectedEOF, time.Minute), 100*time.Millisecond, "a new trouble")
}
