package imports_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"propusk/internal/authority"
	"propusk/internal/imports"
	"propusk/internal/store"
	storeimports "propusk/internal/store/imports"
	"propusk/internal/store/storetest"
)

const account = authority.ID(7)

func begun() time.Time { return time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC) }

func service(t *testing.T, db *store.DB) *imports.Service {
	t.Helper()
	s, err := imports.Open(t.Context(), imports.Config{Store: storeimports.New(db), Now: begun})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func job() imports.Job {
	return imports.Job{Account: account, Principal: 8, Kind: "tasks", File: "a.csv", Size: 200, Replace: true}
}

func read(t *testing.T, s *imports.Service, id authority.ID) imports.Job {
	t.Helper()
	j, err := s.Job(t.Context(), account, id)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestAJobRunsAndStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		noted, goOn := make(chan struct{}), make(chan struct{})
		final := imports.Report{Passed: 200, Read: 4, Added: 2, Same: 1, Bad: 1, Line: 5, Refused: []imports.Refused{{Line: 3, Why: "title is needed"}}, Held: true}
		j, done, err := s.Start(t.Context(), job(), func(_ context.Context, note func(imports.Report)) (imports.Report, error) {
			note(imports.Report{Passed: 50, Read: 1, Added: 1, Line: 2})
			close(noted)
			<-goOn
			return final, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		<-noted
		if now := read(t, s, j.ID); now.Over() || now.Read != 1 || now.Share() != 25 {
			t.Errorf("meanwhile it is %+v", now)
		}
		close(goOn)
		<-done
		want := job()
		want.ID, want.State, want.Began, want.Ended, want.Report = j.ID, imports.Done, begun(), begun(), final
		if diff := cmp.Diff(want, read(t, service(t, db), j.ID)); diff != "" {
			t.Error(diff)
		}
		list, err := s.Jobs(t.Context(), account, "tasks", 10)
		if diff := cmp.Diff([]imports.Job{want}, list); diff != "" || err != nil {
			t.Error(diff, err)
		}
		if list, err := s.Jobs(t.Context(), account, "calls", 10); len(list) > 0 || err != nil {
			t.Errorf("%v, %v", list, err)
		}
		if _, err := s.Job(t.Context(), account+1, j.ID); authority.CodeOf(err) != authority.NotFound {
			t.Errorf("another account reads it: %v", err)
		}
	})
}

func TestAJobStops(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		for want, err := range map[string]error{
			"stages are missing": authority.E(authority.Conflict, "stages are missing"),
			"":                   errors.New("inside"),
		} {
			j, done, failed := s.Start(t.Context(), job(), func(context.Context, func(imports.Report)) (imports.Report, error) {
				return imports.Report{Line: 9}, err
			})
			if failed != nil {
				t.Fatal(failed)
			}
			<-done
			if got := read(t, s, j.ID); got.State != imports.Stopped || got.Why != want || got.Code != authority.CodeOf(err) || got.Line != 9 {
				t.Errorf("%v: %+v", err, got)
			}
		}
	})
}

// What Close ends, and what a killed process has left, is cut off.
func TestAJobIsCut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		j, _, err := s.Start(t.Context(), job(), func(ctx context.Context, _ func(imports.Report)) (imports.Report, error) {
			<-ctx.Done()
			return imports.Report{Line: 5}, ctx.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if got := read(t, s, j.ID); got.State != imports.Cut || got.Line != 5 || got.Ended.IsZero() {
			t.Errorf("%+v", got)
		}
		if _, err := s.Reserve(account); authority.CodeOf(err) != authority.Unavailable {
			t.Errorf("a closed service takes files: %v", err)
		}
		killed := job()
		killed.ID, killed.State, killed.Began = 99, imports.Running, begun()
		if err := storeimports.New(db).BeginJob(t.Context(), killed); err != nil {
			t.Fatal(err)
		}
		if got := read(t, service(t, db), 99); got.State != imports.Cut || !got.Over() {
			t.Errorf("%+v", got)
		}
	})
}

func TestPlaces(t *testing.T) {
	s := service(t, storetest.Open(t, store.SQLite))
	first, err := s.Reserve(account)
	if err != nil {
		t.Fatal(err)
	}
	for a, want := range map[authority.ID]authority.Code{account: authority.LimitExceeded, account + 1: ""} {
		if _, err := s.Reserve(a); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Reserve(a); err != nil && authority.CodeOf(err) != want {
			t.Errorf("%d: %v", a, err)
		}
	}
	first()
	first() // once is enough
	if _, err := s.Reserve(account); err != nil {
		t.Errorf("a place that was given up is taken: %v", err)
	}
	if _, err := s.Reserve(account); authority.CodeOf(err) != authority.LimitExceeded {
		t.Errorf("%v", err)
	}
}

func TestOldJobsLeave(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		rows := storeimports.New(db)
		for i := range imports.Kept + 5 {
			j := job()
			j.ID, j.State, j.Began = authority.ID(i+1), imports.Done, begun().Add(time.Duration(i)*time.Minute)
			if err := rows.BeginJob(t.Context(), j); err != nil {
				t.Fatal(err)
			}
		}
		list, err := rows.Jobs(t.Context(), account, "tasks", 1000)
		if err != nil || len(list) != imports.Kept || list[0].ID != imports.Kept+5 {
			t.Errorf("%d are kept, %v", len(list), err)
		}
	})
}
