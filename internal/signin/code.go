package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"

	"propusk/internal/authority"
)

const (
	stepSeconds = 30
	stepSkew    = 1 // steps that a phone's clock may be off. RFC 6238 §5.2
	codeDigits  = 6
	maxMisses   = 50        // wrong codes in a row before a code must wait
	missPause   = time.Hour // that long after each further one

	recoveryCodes = 10
	recoveryChars = 10 // of base 32: 50 bits
)

// checkCode takes a code of the user's authenticator: each one once. A wrong one
// is counted where every refused attempt is, and with the secret: who knows a
// password cannot try codes from a thousand addresses for days.
func (s *Service) checkCode(ctx context.Context, o authority.Origin, user authority.Principal, code string) error {
	return s.core.Try(ctx, VerbFactor, attemptAt(o, user), func() error {
		t, err := s.store.TOTP(ctx, user.ID)
		if authority.CodeOf(err) == authority.NotFound {
			return s.refuse(o, VerbFactor, "no_code_generator", user, wrongCode())
		}
		if err != nil {
			return err
		}
		now := s.now()
		if wait := t.Missed.Add(missPause).Sub(now); t.Misses >= maxMisses && wait > 0 {
			e := authority.E(authority.LimitExceeded, "too many wrong codes: use a recovery code or a passkey")
			e.RetryAfter = wait
			return s.refuse(o, VerbFactor, "too_many_codes", user, e)
		}
		step, err := s.matchingStep(user.ID, t, code)
		if err != nil {
			return err
		}
		if step == 0 {
			if err := s.store.MissTOTP(ctx, user.ID, now); err != nil {
				return err
			}
			return s.refuse(o, VerbFactor, "code_wrong", user, wrongCode())
		}
		err = s.store.UseTOTP(ctx, user.ID, step, now)
		if authority.CodeOf(err) == authority.Conflict {
			return s.refuse(o, VerbFactor, "code_used", user, wrongCode())
		}
		return err
	})
}

func attemptAt(o authority.Origin, user authority.Principal) authority.Attempt {
	return authority.Attempt{Origin: o, Client: "factor/" + number(user.ID)}
}

func wrongCode() *authority.Error {
	return authority.E(authority.InvalidGrant, "the code is wrong or was used before")
}

// matchingStep gives the time step whose code it is; 0 = none.
func (s *Service) matchingStep(user authority.ID, t TOTP, code string) (int64, error) {
	secret, err := s.sealer.Open(t.Sealed, "totp", number(user))
	if err != nil {
		return 0, authority.Wrap(authority.Internal, "a code generator's secret does not open", err)
	}
	return stepOf(string(secret), code, s.now())
}

// stepOf compares code with those of the steps around now, all of them always.
func stepOf(secret, code string, now time.Time) (found int64, err error) {
	code = strings.ReplaceAll(code, " ", "")
	at := now.Unix() / stepSeconds
	for step := at - stepSkew; step <= at+stepSkew; step++ {
		want, err := hotp.GenerateCode(secret, uint64(step))
		if err != nil {
			return 0, authority.Wrap(authority.Internal, "a code could not be made", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			found = step
		}
	}
	return found, nil
}

// checkRecovery takes a recovery code and uses it up.
func (s *Service) checkRecovery(ctx context.Context, o authority.Origin, user authority.Principal, code string) error {
	return s.core.Try(ctx, VerbFactor, attemptAt(o, user), func() error {
		codes, err := s.store.RecoveryCodes(ctx, user.ID)
		if err != nil {
			return err
		}
		id, err := s.matchingRecovery(user.ID, codes, code)
		if err != nil {
			return err
		}
		if id != 0 {
			err = s.store.UseRecoveryCode(ctx, s.recoveryUse(o, user), id)
		}
		if id == 0 || authority.CodeOf(err) == authority.NotFound {
			return s.refuse(o, VerbFactor, "recovery_code_wrong", user, wrongCode())
		}
		return err
	})
}

func (s *Service) recoveryUse(o authority.Origin, user authority.Principal) Change {
	return Change{Account: user.Account, Principal: user.ID, Now: s.now(), Entry: authority.Entry{
		Time: s.now(), Stand: o.Stand, Account: user.Account, Actor: user.ID, Dialect: o.Dialect, Door: o.Door,
		Address: o.Address, RequestID: o.RequestID, Verb: VerbFactor, Object: "recovery_code", Outcome: authority.Done, Count: 1,
	}}
}

func (s *Service) matchingRecovery(user authority.ID, codes []RecoveryCode, code string) (found authority.ID, err error) {
	shown := hashRecovery(code)
	for _, c := range codes {
		hash, err := s.sealer.Open(c.Sealed, "recovery", number(user), number(c.ID))
		if err != nil {
			return 0, authority.Wrap(authority.Internal, "a recovery code does not open", err)
		}
		if subtle.ConstantTimeCompare(hash, shown) == 1 {
			found = c.ID
		}
	}
	return found, nil
}

// hashRecovery hashes a code however it was typed: case, blanks and dashes are
// for people.
func hashRecovery(code string) []byte {
	code = strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(code))
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}

// newRecoveryCodes makes a set: what is shown once, and what is kept.
func (s *Service) newRecoveryCodes(user authority.ID) (shown []authority.Secret, kept []RecoveryCode) {
	for range recoveryCodes {
		random := make([]byte, 16)
		_, _ = rand.Read(random) // never fails: crypto/rand ends the program instead
		text := strings.ToLower(base32.StdEncoding.EncodeToString(random))[:recoveryChars]
		text = text[:recoveryChars/2] + "-" + text[recoveryChars/2:]
		c := RecoveryCode{ID: authority.NewID()}
		c.Sealed = s.sealer.Seal(hashRecovery(text), "recovery", number(user), number(c.ID))
		shown, kept = append(shown, authority.NewSecret(text)), append(kept, c)
	}
	return shown, kept
}
