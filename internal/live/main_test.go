package live_test

import (
	"os"
	"testing"

	"carnet/internal/db/dbtest"
)

func TestMain(m *testing.M) { os.Exit(dbtest.Main(m)) }
