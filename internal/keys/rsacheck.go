package keys

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"math/big"
)

// Bounds of an RSA modulus. The upper one keeps a mistyped setting from
// stopping a start for minutes.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// checkRSA refuses a private key that must not be used: besides what
// checkRSAPublic sees, two primes so close that Fermat's method finds them.
func checkRSA(key *rsa.PrivateKey) error {
	if err := checkRSAPublic(&key.PublicKey); err != nil {
		return err
	}
	if len(key.Primes) != 2 {
		return errors.New("keys: an RSA key has two primes")
	}
	gap := new(big.Int).Sub(key.Primes[0], key.Primes[1])
	if gap.Abs(gap).BitLen() <= key.N.BitLen()/2-100 { // FIPS 186-5 §A.1.3, step 5.4
		return errors.New("keys: the primes of an RSA key are too close")
	}
	return nil
}

// checkRSAPublic refuses a public key that must not be trusted.
func checkRSAPublic(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minRSABits || bits > maxRSABits+1 {
		return fmt.Errorf("keys: an RSA key has %d to %d bits, not %d", minRSABits, maxRSABits, bits)
	}
	if key.E != 65537 {
		return fmt.Errorf("keys: the exponent of an RSA key is 65537, not %d", key.E)
	}
	if fermatFindsPrimes(key.N) {
		return errors.New("keys: the primes of an RSA key are too close")
	}
	if looksLikeROCA(key.N) {
		return errors.New("keys: an RSA key of a generator with too few primes (CVE-2017-15361)")
	}
	return nil
}

// fermatSteps is how far Fermat's method is tried. Real close primes fall in
// the first few steps (CVE-2022-26320).
const fermatSteps = 100

// fermatFindsPrimes reports whether n = a² − b² with a near √n.
func fermatFindsPrimes(n *big.Int) bool {
	rest, root, square := new(big.Int), new(big.Int), new(big.Int)
	a := new(big.Int).Sqrt(n)
	if square.Mul(a, a).Cmp(n) != 0 {
		a.Add(a, big.NewInt(1)) // the first one not below √n
	}
	for range fermatSteps {
		rest.Mul(a, a)
		rest.Sub(rest, n)
		root.Sqrt(rest)
		if square.Mul(root, root).Cmp(rest) == 0 {
			return true
		}
		a.Add(a, big.NewInt(1))
	}
	return false
}

// rocaPrimes are those modulo which every modulus of the broken generator is a
// power of 65537. A sound modulus is one for all of them with odds of about
// 2^-27.
func rocaPrimes() [17]uint64 {
	return [...]uint64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157}
}

func looksLikeROCA(n *big.Int) bool {
	rest := new(big.Int)
	for _, p := range rocaPrimes() {
		if !powerOf65537(rest.Mod(n, new(big.Int).SetUint64(p)).Uint64(), p) {
			return false
		}
	}
	return true
}

func powerOf65537(x, p uint64) bool {
	power := uint64(1)
	for range p {
		if power == x {
			return true
		}
		power = power * 65537 % p
	}
	return false
}
