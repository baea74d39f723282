package apperror_test

import (
	"regexp"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

func TestTheTableIsWhole(t *testing.T) {
	t.Parallel()
	type place struct {
		hop    apperror.Hop
		number int
	}
	codes, numbers := map[string]bool{}, map[place]string{}
	form := regexp.MustCompile(`^[a-z0-9_]+$`)
	for _, f := range apperror.All() {
		if !form.MatchString(f.Code) {
			t.Errorf("code %q is not lower case with underscores", f.Code)
		}
		if codes[f.Code] {
			t.Errorf("%s is in the table twice", f.Code)
		}
		codes[f.Code] = true
		for _, number := range f.AADSTS {
			for _, hop := range hopsOf(f) {
				at := place{hop, number}
				if other := numbers[at]; other != "" {
					t.Errorf("AADSTS%d means both %s and %s", number, other, f.Code)
				}
				numbers[at] = f.Code
			}
		}
		if f.Status < 200 || f.Status > 599 || f.Title == "" || f.What == "" || f.Cause == "" {
			t.Errorf("%s lacks a status, title, sentence or cause", f.Code)
		}
		if f.User == "" && f.Developer == "" && f.Admin == "" {
			t.Errorf("%s says nobody what to do", f.Code)
		}
	}
}

// hopsOf returns the steps that a row is for, "" for all.
func hopsOf(f apperror.Failure) []apperror.Hop {
	if len(f.Hops) == 0 {
		return []apperror.Hop{""}
	}
	return f.Hops
}

func TestLookups(t *testing.T) {
	t.Parallel()
	if f, ok := apperror.ForAADSTS(apperror.Exchange, 65001); !ok || f.Code != apperror.ConsentRequired {
		t.Errorf("AADSTS65001 is %q, %v", f.Code, ok)
	}
	if _, ok := apperror.ForAADSTS(apperror.SignIn, 1); ok {
		t.Error("a number that nobody knows was found")
	}
	if f := apperror.Get("no such code"); f.Code != apperror.Internal || f.Status != 500 {
		t.Errorf("an unknown code is %+v", f)
	}
}
