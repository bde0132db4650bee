package message

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var addr = netip.MustParseAddr

// received are fields as common systems write them.
var received = []struct {
	name, value string
	want        Hop
}{
	{"Gmail", "from mail-ej1-x636.acme.example (mail-ej1-x636.acme.example. [2001:db8::636])\r\n        by mx.google.com with ESMTPS id a640c23a62f3a-b2f2f\r\n        for <a@gmail.com>\r\n        (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128);\r\n        Wed, 25 Nov 2026 06:00:00 -0800 (PST)",
		Hop{"mail-ej1-x636.acme.example", "mail-ej1-x636.acme.example", addr("2001:db8::636"), "mx.google.com", "ESMTPS", "a@gmail.com", TLS}},
	{"Gmail, within", "by 2002:a05:6402:3491:b0:5e4 with SMTP id v17csp1; Wed, 25 Nov 2026 06:00:00 -0800 (PST)",
		Hop{By: "2002:a05:6402:3491:b0:5e4", With: "SMTP", Encryption: Plain}},
	{"Postfix", "from out.acme.example (unknown [192.0.2.10])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature ECDSA (P-256) server-digest SHA256)\r\n\t(No client certificate requested)\r\n\tby mx.inbox.example (Postfix) with ESMTPS id 4X9\r\n\tfor <a@inbox.example>; Wed, 25 Nov 2026 06:00:00 +0000 (UTC)",
		Hop{"out.acme.example", "unknown", addr("192.0.2.10"), "mx.inbox.example", "ESMTPS", "a@inbox.example", TLS}},
	{"Postfix in clear", "from out.acme.example (out.acme.example [192.0.2.10]) by mx.inbox.example (Postfix) with ESMTP id 4X9; x",
		Hop{"out.acme.example", "out.acme.example", addr("192.0.2.10"), "mx.inbox.example", "ESMTP", "", Plain}},
	{"Postfix, IPv6", "from out.acme.example (out.acme.example [IPv6:2001:db8::10]) by mx.inbox.example (Postfix) with UTF8SMTPS; x",
		Hop{"out.acme.example", "out.acme.example", addr("2001:db8::10"), "mx.inbox.example", "UTF8SMTPS", "", TLS}},
	{"Exchange", "from out.acme.example (192.0.2.10) by\r\n AM4PEPF00027A6A.mail.protection.outlook.com (10.167.16.88) with Microsoft\r\n SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) id 15.20.9052.8\r\n via Frontend Transport; Wed, 25 Nov 2026 06:00:00 +0000",
		Hop{"out.acme.example", "", addr("192.0.2.10"), "am4pepf00027a6a.mail.protection.outlook.com", "Microsoft SMTP Server", "", TLS}},
	{"Exim", "from rdns.acme.example ([192.0.2.10] helo=out.acme.example)\r\n\tby mx.inbox.example with esmtps  (TLS1.3) tls TLS_AES_256_GCM_SHA384\r\n\t(Exim 4.98)\r\n\tid 1v; Wed, 25 Nov 2026 06:00:00 +0000",
		Hop{"out.acme.example", "rdns.acme.example", addr("192.0.2.10"), "mx.inbox.example", "esmtps tls TLS_AES_256_GCM_SHA384", "", TLS}},
	{"qmail", "from unknown (HELO out.acme.example) (192.0.2.10)\n  by mx.inbox.example with SMTP; 25 Nov 2026 06:00:00 -0000",
		Hop{"out.acme.example", "unknown", addr("192.0.2.10"), "mx.inbox.example", "SMTP", "", Plain}},
	{"an address as name", "from [192.0.2.10] by mx.inbox.example with LMTPS; x",
		Hop{HELO: "192.0.2.10", Address: addr("192.0.2.10"), By: "mx.inbox.example", With: "LMTPS", Encryption: TLS}},
	{"a plain server", "from out.acme.example ([192.0.2.10]) by mx.inbox.example; x",
		Hop{HELO: "out.acme.example", Address: addr("192.0.2.10"), By: "mx.inbox.example"}},
	{"a name that poses as TLS", "from tls1.3.example (using.TLSv1.3.example [192.0.2.10]) by mx.inbox.example with ESMTP; x",
		Hop{"tls1.3.example", "using.tlsv1.3.example", addr("192.0.2.10"), "mx.inbox.example", "ESMTP", "", Plain}},
	{"a second from", "from a.example ([192.0.2.10]) by mx.inbox.example with ESMTP id by for from ; x",
		Hop{HELO: "a.example", Address: addr("192.0.2.10"), By: "mx.inbox.example", With: "ESMTP", For: "from", Encryption: Plain}},
	{"nothing", "", Hop{}},
	{"parentheses alone", "((((", Hop{}},
}

func TestParseReceived(t *testing.T) {
	for _, r := range received {
		t.Run(r.name, func(t *testing.T) {
			if diff := cmp.Diff(r.want, ParseReceived(r.value), cmpopts.EquateComparable(netip.Addr{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func FuzzReceived(f *testing.F) {
	for _, r := range received {
		f.Add(r.value)
	}
	f.Fuzz(func(_ *testing.T, value string) {
		h := ParseReceived(value)
		h.internal()
		continues(h, h)
	})
}

func TestBorder(t *testing.T) {
	const outside = "from out.acme.example (out.acme.example [192.0.2.10]) by "
	for name, test := range map[string]struct {
		fields []string
		want   string
	}{
		"one hop":             {[]string{outside + "mx.inbox.example with ESMTPS"}, "192.0.2.10"},
		"Gmail":               {[]string{"by 2002:a05::1 with SMTP id x", outside + "mx.google.com with ESMTPS", "from app ([198.51.100.1]) by out.acme.example"}, "192.0.2.10"},
		"Exchange":            {[]string{"from AM0.eurprd04.prod.outlook.com (2603:10a6::1) by DB0.eurprd04.prod.outlook.com with HTTPS", "from AM4.eurprd04.prod.outlook.com (2603:10a6::2) by AM0.eurprd04.prod.outlook.com with x", outside + "AM4.mail.protection.outlook.com (10.1.1.1) with x"}, "192.0.2.10"},
		"a content filter":    {[]string{"from localhost (localhost [127.0.0.1]) by mail.inbox.example with ESMTP", "from mail.inbox.example ([127.0.0.1]) by localhost (mail [127.0.0.1]) (amavisd-new, port 10024) with ESMTP", outside + "mail.inbox.example with ESMTPS"}, "192.0.2.10"},
		"a private network":   {[]string{"from compute1.internal (compute1.nyi.internal [10.2.2.41]) by mailuser.nyi.internal with LMTP", "from mx1 ([10.2.2.200]) by compute1.internal (LMTPProxy)", outside + "mx1.messagingengine.com with ESMTPS"}, "192.0.2.10"},
		"a forged hop below":  {[]string{outside + "mx.inbox.example with ESMTPS", "from good.example ([203.0.113.1]) by mx.inbox.example with ESMTPS"}, "192.0.2.10"},
		"the client's relay":  {[]string{"from localhost (localhost [127.0.0.1]) by mx.inbox.example with ESMTPS", "from app ([203.0.113.1]) by out.acme.example with ESMTPS"}, "127.0.0.1"},
		"one organisation":    {[]string{"from out.inbox.example ([192.0.2.9]) by mx.inbox.example with ESMTPS"}, "192.0.2.9"},
		"no address anywhere": {[]string{"by a with SMTP", "from b by c"}, "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			m := Read([]byte("X: y\r\nReceived: "+strings.Join(test.fields, "\r\nReceived: ")+"\r\n\r\n"), false)
			hop, index, ok := m.Border()
			if hop.Address.String() != test.want || ok != (index >= 1) {
				t.Errorf("%+v at %d, want %s", hop, index, test.want)
			}
		})
	}
}
