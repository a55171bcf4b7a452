package limit

import "container/list"

// bounded is a map that forgets its longest unused entry when it is full, so
// that a flood of keys cannot grow memory. Its owner locks it.
type bounded[K comparable, V any] struct {
	most  int
	index map[K]*list.Element
	order *list.List         // front = used last
	keep  func(value V) bool // entries that must not be forgotten now; nil = none
}

type slot[K comparable, V any] struct {
	key   K
	value V
}

func newBounded[K comparable, V any](most int) *bounded[K, V] {
	return &bounded[K, V]{most: most, index: map[K]*list.Element{}, order: list.New()}
}

// get gives the value of key and marks it as used; fresh makes it if missing.
func (b *bounded[K, V]) get(key K, fresh func() V) V {
	if e, ok := b.index[key]; ok {
		b.order.MoveToFront(e)
		return b.at(e).value
	}
	if len(b.index) >= b.most {
		b.forget()
	}
	v := fresh()
	b.index[key] = b.order.PushFront(&slot[K, V]{key, v})
	return v
}

func (b *bounded[K, V]) at(e *list.Element) *slot[K, V] {
	s, _ := e.Value.(*slot[K, V]) // the list holds nothing else
	return s
}

// forget drops the longest unused entry that may go, looking at a few only.
func (b *bounded[K, V]) forget() {
	e := b.order.Back()
	for range 64 {
		if e == nil {
			return
		}
		before := e.Prev()
		if s := b.at(e); b.keep == nil || !b.keep(s.value) {
			b.order.Remove(e)
			delete(b.index, s.key)
			return
		}
		e = before
	}
}
