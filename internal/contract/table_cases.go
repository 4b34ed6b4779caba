package contract

import (
	"context"
	"fmt"
	"strings"

	"rollcall/intent"
)

func (c tableCase) types() {
	item := `{"id":{"S":"jane"},"s":{"S":"josé שלום 😀 \"\\\n\u0001"},"empty":{"S":""},"long":{"S":"` + strings.Repeat("x", 10_000) + `"},
		"n":{"N":"-12345678901234567890123456789012345678"},"small":{"N":"0.00000000000000000000012345678901234567890123456789012345678"},
		"big":{"N":"123450000000000000000000000000000000000000000000000"},"zero":{"N":"0"},
		"b":{"B":"AAECA/8="},"nob":{"B":""},"t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},
		"ss":{"SS":["b","a","ä"]},"ns":{"NS":["2","-1.5","10"]},"bs":{"BS":["AQ==","Ag=="]},
		"l":{"L":[{"S":"x"},{"N":"1"},{"L":[]},{"M":{}},{"NULL":true}]},
		"m":{"M":{"inner":{"M":{"deep":{"SS":["q"]},"flag":{"BOOL":true}}}}},
		"odd.name":{"S":"1"},"odd name":{"S":"2"},"名前":{"S":"3"},"#x":{"S":"4"},":y":{"S":"5"}}`
	c.put(item)
	c.wantItems([]intent.Key{idKey("jane")}, map[intent.Key]string{idKey("jane"): item})
}

func (c tableCase) texts() {
	want := map[intent.Key]string{}
	var keys []intent.Key
	for _, id := range []string{"jane", "José", "שלום", "😀", `\"quoted\" \\ back`, `tab\tline\n`, `\u0001`, " ", "a/b?c=d&e#f", "{\\\"S\\\":1}", strings.Repeat("x", 2048)} {
		key := idKey(id)
		item := fmt.Sprintf(`{"id":{"S":"%s"},"n":{"N":"1"}}`, id)
		c.put(item)
		keys = append(keys, key)
		want[key] = item
	}
	c.wantItems(keys, want)
}

func (c tableCase) numbers() {
	c.put(`{"id":{"N":"10"},"x":{"S":"ten"}}`, `{"id":{"N":"0.5"},"x":{"S":"half"}}`, `{"id":{"N":"12345678901234567890123456789012345678"},"x":{"S":"long"}}`)
	ten, half := `{"id":{"N":"10"},"x":{"S":"ten"}}`, `{"id":{"N":"0.5"},"x":{"S":"half"}}`
	long := `{"id":{"N":"12345678901234567890123456789012345678"},"x":{"S":"long"}}`
	c.wantItems(
		[]intent.Key{`{"id":{"N":"10"}}`, `{"id":{"N":"10.0"}}`, `{"id":{"N":"1e1"}}`, `{"id":{"N":"0.50"}}`, `{"id":{"N":"12345678901234567890123456789012345678"}}`, `{"id":{"N":"12345678901234567890123456789012345679"}}`},
		map[intent.Key]string{`{"id":{"N":"10"}}`: ten, `{"id":{"N":"10.0"}}`: ten, `{"id":{"N":"1e1"}}`: ten, `{"id":{"N":"0.50"}}`: half, `{"id":{"N":"12345678901234567890123456789012345678"}}`: long})
}

func (c tableCase) missing() {
	c.put(`{"id":{"S":"here"}}`)
	c.wantItems([]intent.Key{idKey("gone"), idKey("here"), idKey("Here")}, map[intent.Key]string{idKey("here"): `{"id":{"S":"here"}}`})
	c.wantItems([]intent.Key{idKey("gone")}, map[intent.Key]string{})
	c.wantItems(nil, map[intent.Key]string{})
}

func (c tableCase) repeated() {
	c.put(`{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`)
	var keys []intent.Key
	for range 150 {
		keys = append(keys, idKey("a"), idKey("none"), idKey("b"))
	}
	c.wantItems(keys, map[intent.Key]string{idKey("a"): `{"id":{"S":"a"}}`, idKey("b"): `{"id":{"S":"b"}}`})
}

func (c tableCase) malformed() {
	c.put(`{"id":{"S":"a"}}`)
	c.wantBad(map[intent.Key]string{idKey("a"): `{"id":{"S":"a"}}`},
		``, `null`, `{}`, `{"id":"a"}`, `{"id":{"N":"1"}}`, `{"ID":{"S":"a"}}`, `{"id":{"S":"a"},"x":{"S":"b"}}`, `{"id":{"S":""}}`, `{"id":{"S":"a"}`,
		`{"id":{"X":"a"}}`, `{"id":{"NULL":true}}`, `{"id":{"L":[]}}`, intent.Key(`{"id":{"S":"`+strings.Repeat("x", 2049)+`"}}`))
}

func (c tableCase) malformedComposite() {
	good := intent.Key(`{"badge":{"N":"1"},"tenant":{"S":"x"}}`)
	c.put(string(good))
	c.wantBad(map[intent.Key]string{good: string(good)},
		`{"tenant":{"S":"x"}}`, `{"badge":{"N":"1"}}`, `{"badge":{"S":"1"},"tenant":{"S":"x"}}`, `{"badge":{"N":"one"},"tenant":{"S":"x"}}`,
		`{"badge":{"N":"1"},"tenant":{"S":""}}`, `{"badge":{"N":"1"},"other":{"S":"x"}}`)
}

// wantBad reads bad keys together with good ones: each bad key has a reason, and the others are answered.
func (c tableCase) wantBad(good map[intent.Key]string, bad ...intent.Key) {
	c.Helper()
	keys := bad
	for key := range good {
		keys = append(keys, key)
	}
	got, reasons := c.get(keys...)
	for key := range good {
		if got[key] == "" {
			c.Errorf("key %s beside bad ones is not answered", key)
		}
	}
	if len(got) != len(good) || len(reasons) != len(bad) {
		c.Errorf("%d items and %d bad keys, want %d and %d", len(got), len(reasons), len(good), len(bad))
	}
	for _, key := range bad {
		if reasons[key] == nil {
			c.Errorf("key %.80s has no reason", key)
		}
	}
}

func (c tableCase) thousand() {
	want := map[intent.Key]string{}
	var keys []intent.Key
	for n := range 1000 {
		key := idKey(fmt.Sprintf("person-%d", n))
		keys = append(keys, key)
		if n%10 == 0 {
			continue // every tenth is not there
		}
		item := fmt.Sprintf(`{"id":{"S":"person-%d"},"n":{"N":"%d"}}`, n, n)
		c.put(item)
		want[key] = item
	}
	c.wantItems(keys, want)
}

// large reads 45 items of 390 KB each: more than the 16 MB that DynamoDB answers at once.
func (c tableCase) large() {
	pad := strings.Repeat("x", 390_000)
	want := map[intent.Key]string{}
	var keys []intent.Key
	for n := range 45 {
		id := fmt.Sprintf("large-%d", n)
		item := fmt.Sprintf(`{"id":{"S":"%s"},"pad":{"S":"%s"}}`, id, pad)
		c.put(item)
		keys = append(keys, idKey(id))
		want[idKey(id)] = item
	}
	got, _ := c.get(keys...)
	for key, item := range want {
		if got[key] != item {
			c.Errorf("item %s: %d bytes, want %d", key, len(got[key]), len(item))
		}
	}
}

func (c tableCase) composite() {
	want := map[intent.Key]string{}
	var keys []intent.Key
	for n := range 30 {
		key := intent.Key(fmt.Sprintf(`{"badge":{"N":"%d"},"tenant":{"S":"t%d"}}`, n, n%3))
		item := fmt.Sprintf(`{"badge":{"N":"%d"},"tenant":{"S":"t%d"},"x":{"BOOL":true}}`, n, n%3)
		c.put(item)
		keys = append(keys, key)
		want[key] = item
	}
	keys = append(keys, `{"badge":{"N":"0"},"tenant":{"S":"t1"}}`)
	c.wantItems(keys, want)
}

func (c tableCase) consistent() {
	key := idKey("a")
	for n := range 50 {
		item := fmt.Sprintf(`{"id":{"S":"a"},"n":{"N":"%d"}}`, n)
		c.put(item)
		c.wantItems([]intent.Key{key}, map[intent.Key]string{key: item})
	}
	if err := c.table.Delete(c.Context(), key); err != nil {
		c.Fatalf("delete: %v", err)
	}
	c.wantItems([]intent.Key{key}, map[intent.Key]string{})
}

func (c tableCase) findByKey() {
	c.put(`{"id":{"S":"jos\u00e9 \"x\""}}`)
	// The key is made whether or not the item exists; Get tells.
	c.wantFound(`josé "x"`, idKey(`josé \"x\"`))
	c.wantFound("nobody", idKey("nobody"))
	c.wantFound("<&>\u2028", idKey("<&>\u2028"))
	c.wantFound("")
	c.wantFound(strings.Repeat("x", 2049))
}

func (c tableCase) findByNumber() {
	c.put(`{"id":{"N":"42"}}`)
	c.wantFound("42", `{"id":{"N":"42"}}`)
	c.wantFound("forty-two")
}

func (c tableCase) findByIndex() {
	c.put(
		`{"tenant":{"S":"a"},"badge":{"N":"1"},"external.id":{"S":"jane"},"name":{"S":"Jane"}}`,
		`{"tenant":{"S":"a"},"badge":{"N":"2"},"external.id":{"S":"joé"}}`,
		`{"tenant":{"S":"b"},"badge":{"N":"1"},"external.id":{"S":"jane"}}`,
		`{"tenant":{"S":"b"},"badge":{"N":"2"}}`,
	)
	c.wantFound("jane", `{"badge":{"N":"1"},"tenant":{"S":"a"}}`, `{"badge":{"N":"1"},"tenant":{"S":"b"}}`)
	c.wantFound("joé", `{"badge":{"N":"2"},"tenant":{"S":"a"}}`)
	c.wantFound("nobody")
	c.wantFound("")
	c.put(`{"tenant":{"S":"b"},"badge":{"N":"1"},"external.id":{"S":"joan"}}`)
	c.wantFound("jane", `{"badge":{"N":"1"},"tenant":{"S":"a"}}`)
	c.wantFound("joan", `{"badge":{"N":"1"},"tenant":{"S":"b"}}`)
}

func (c tableCase) cancelled() {
	c.put(`{"id":{"S":"a"}}`)
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	if found, _, err := c.table.Get(ctx, []intent.Key{idKey("a")}); err == nil {
		c.Errorf("get = %d items and no error", len(found))
	}
}

func (c tableCase) count() {
	if n, err := c.table.Count(c.Context()); err != nil || n < 0 {
		c.Errorf("count = %d, %v", n, err)
	}
}
