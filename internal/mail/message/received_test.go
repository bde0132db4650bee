package message

import (
	"net/netip"
	"slices"
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
	{"Sendmail, a name that does not lead back", "from out.acme.example (mx.inbox.example [192.0.2.10] (may be forged)) by mx.inbox.example (8.18.1/8.18.1) with ESMTPS id 1; x",
		Hop{HELO: "out.acme.example", Address: addr("192.0.2.10"), By: "mx.inbox.example", With: "ESMTPS", Encryption: TLS}},
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
		h.place()
		continues(h, h)
	})
}

// What Microsoft 365 and Fastmail write of a message from outside.
var (
	microsoft = []string{
		"from DU2PR04MB8616.eurprd04.prod.outlook.com (2603:10a6:10:2db::16) by AM9PR04MB7650.eurprd04.prod.outlook.com with HTTPS",
		"from DUZPR01CA0053.eurprd01.prod.exchangelabs.com (2603:10a6:10:469::8) by DU2PR04MB8616.eurprd04.prod.outlook.com (2603:10a6:10:2db::16) with Microsoft SMTP Server (version=TLS1_2, cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)",
		"from DB5PEPF00014B8B.eurprd02.prod.outlook.com (2603:10a6:10:469:cafe::90) by DUZPR01CA0053.outlook.office365.com (2603:10a6:10:469::8) with Microsoft SMTP Server (version=TLS1_3, cipher=TLS_AES_256_GCM_SHA384) via Frontend Transport",
	}
	fastmail = []string{
		"from compute5.internal (compute5.nyi.internal [10.202.2.45]) by sloti22d1t06 (Cyrus 3.11) with LMTPA",
		"from mx6 ([10.202.2.205]) by compute5.internal (LMTPProxy)",
		"from mx6.messagingengine.com (localhost [127.0.0.1]) by mailmx.nyi.internal (Postfix) with ESMTP",
	}
	fastmailBare = []string{
		"from compute5.internal by sloti22d1t06 with LMTPA",
		"from mx6 ([10.202.2.205]) by compute5.internal (LMTPProxy)",
		"from mx6.messagingengine.com (localhost) by mailmx.nyi.internal (Postfix) with ESMTP",
	}
)

func chain(above []string, below ...string) []string { return append(slices.Clone(above), below...) }

func TestBorder(t *testing.T) {
	const (
		outside   = "from out.acme.example (out.acme.example [192.0.2.10]) by "
		frontdoor = "DB5PEPF00014B8B.mail.protection.outlook.com (10.167.8.199) with Microsoft SMTP Server (version=TLS1_3, cipher=x) via Frontend Transport"
	)
	for name, test := range map[string]struct {
		fields []string
		want   string
		doubt  string
	}{
		"one hop":                {[]string{outside + "mx.inbox.example with ESMTPS"}, "192.0.2.10", ""},
		"Gmail":                  {[]string{"by 2002:a05::1 with SMTP id x", outside + "mx.google.com with ESMTPS", "from app ([198.51.100.1]) by out.acme.example"}, "192.0.2.10", ""},
		"Exchange":               {[]string{"from AM0.eurprd04.prod.outlook.com (2603:10a6::1) by DB0.eurprd04.prod.outlook.com with HTTPS", "from AM4.eurprd04.prod.outlook.com (2603:10a6::2) by AM0.eurprd04.prod.outlook.com with x", outside + "AM4.mail.protection.outlook.com (10.1.1.1) with x"}, "192.0.2.10", ""},
		"Microsoft 365":          {chain(microsoft, "from mail.acme.example (192.0.2.10) by "+frontdoor, "from app ([10.0.0.5]) by mail.acme.example"), "192.0.2.10", ""},
		"Fastmail":               {chain(fastmail, outside+"mx6.messagingengine.com (Postfix) with ESMTPS", "from app ([10.0.0.5]) by out.acme.example"), "192.0.2.10", ""},
		"Fastmail, bare":         {chain(fastmailBare, outside+"mx6.messagingengine.com (Postfix) with ESMTPS"), "192.0.2.10", ""},
		"iCloud":                 {[]string{"from ci74p00im-1.me.com by p123-mailgateway-smtp-6f (mailgateway 2511) with SMTP id 1", outside + "ci74p00im-1.me.com (Postfix) with ESMTPS"}, "192.0.2.10", ""},
		"LMTP without address":   {[]string{"from mail.host.example by store1.host-intern.example with LMTP id x", outside + "mail.host.example with ESMTPS"}, "192.0.2.10", ""},
		"a content filter":       {[]string{"from localhost (localhost [127.0.0.1]) by mail.inbox.example with ESMTP", "from mail.inbox.example ([127.0.0.1]) by localhost (mail [127.0.0.1]) (amavisd-new, port 10024) with ESMTP", outside + "mail.inbox.example with ESMTPS"}, "192.0.2.10", ""},
		"a private network":      {[]string{"from compute1.internal (compute1.nyi.internal [10.2.2.41]) by mailuser.nyi.internal with LMTP", "from mx1 ([10.2.2.200]) by compute1.internal (LMTPProxy)", outside + "mx1.messagingengine.com with ESMTPS"}, "192.0.2.10", ""},
		"a private gateway":      {[]string{"from gate.hoster.example (gate.hoster.example [10.0.0.1]) by mx.inbox.example with ESMTP", outside + "gate.hoster.example with ESMTPS"}, "192.0.2.10", ""},
		"another tenant":         {chain(microsoft, "from EUR05.outbound.protection.outlook.com (2a01:111:f403::1) by "+frontdoor, "from AM0.eurprd04.prod.outlook.com (2603:10a6::9) by AM0.eurprd04.prod.outlook.com"), "2a01:111:f403::1", ""},
		"Gmail to Gmail":         {[]string{"by 2002:a05::1 with SMTP id x", "from mail-sor-f41.google.com (mail-sor-f41.google.com. [209.85.220.41]) by mx.google.com with SMTPS", "from app ([203.0.113.1]) by smtp.gmail.com with ESMTPSA"}, "209.85.220.41", ""},
		"a second MX":            {[]string{"from mx2.inbox.example (mx2.inbox.example [198.51.100.2]) by mx.inbox.example with ESMTPS", outside + "mx2.inbox.example with ESMTPS"}, "192.0.2.10", ""},
		"a second MX, unknown":   {[]string{"from mx2.inbox.example ([198.51.100.2]) by mx.inbox.example with ESMTPS", outside + "mx2.inbox.example with ESMTPS"}, "198.51.100.2", doubtClaimed},
		"own and known":          {[]string{"from out.inbox.example (out.inbox.example [192.0.2.9]) by mx.inbox.example", "from localhost (localhost [127.0.0.1]) by out.inbox.example"}, "192.0.2.9", ""},
		"own behind a filter":    {[]string{"from localhost (localhost [127.0.0.1]) by mx.inbox.example", "from out.inbox.example (out.inbox.example [192.0.2.9]) by mx.inbox.example"}, "192.0.2.9", ""},
		"own through own":        {[]string{"from mx1.inbox.example (mx1.inbox.example [192.0.2.8]) by store.inbox.example", "from out.inbox.example (out.inbox.example [192.0.2.9]) by mx1.inbox.example"}, "192.0.2.8", doubtOwn},
		"one tenant alone":       {chain(microsoft[:1], "from DU2PR04MB8616.eurprd04.prod.outlook.com ([fe80::1]) by DU2PR04MB8616.eurprd04.prod.outlook.com with mapi"), "2603:10a6:10:2db::16", doubtOwn},
		"a forged hop below":     {[]string{outside + "mx.inbox.example with ESMTPS", "from good.example ([203.0.113.1]) by mx.inbox.example with ESMTPS"}, "192.0.2.10", ""},
		"a forged Microsoft":     {chain(microsoft, "from X.prod.outlook.com (198.51.100.66) by "+frontdoor, "from good.example (203.0.113.1) by X.mail.protection.outlook.com"), "198.51.100.66", doubtClaimed},
		"forged, a foreign name": {chain(microsoft, "from X.prod.exchangelabs.com.evil.example (198.51.100.66) by "+frontdoor, "from good.example (203.0.113.1) by X.mail.protection.outlook.com"), "198.51.100.66", ""},
		"forged, one label":      {[]string{"from mx ([198.51.100.66]) by mx.inbox.example with ESMTPS", "from good.example (203.0.113.1) by mx.inbox.example"}, "198.51.100.66", ""},
		"forged, .internal":      {[]string{"from mx.internal (unknown [198.51.100.66]) by mx.internal with ESMTPS", "from good.example (203.0.113.1) by mx.internal"}, "198.51.100.66", ""},
		"forged, the same label": {[]string{"from mx.evil.example (mx.evil.example [198.51.100.66]) by mx.inbox.example with ESMTPS", "from good.example (203.0.113.1) by mx.inbox.example"}, "198.51.100.66", ""},
		"forged, not in reverse": {[]string{"from mx.inbox.example (unknown [198.51.100.66]) by mx.inbox.example with ESMTPS", "from good.example (203.0.113.1) by mx.inbox.example"}, "198.51.100.66", ""},
		"forged Fastmail":        {chain(fastmail, "from mx6.messagingengine.com (evil.example [198.51.100.66]) by mx6.messagingengine.com with ESMTPS", outside+"mx6.messagingengine.com with ESMTPS"), "198.51.100.66", ""},
		"the client's relay":     {[]string{"from localhost (localhost [127.0.0.1]) by mx.inbox.example with ESMTPS", "from app ([203.0.113.1]) by out.acme.example with ESMTPS"}, "127.0.0.1", doubtPrivate},
		"a proxy":                {[]string{"from out.acme.example (unknown [172.17.0.1]) by mx.inbox.example with ESMTPS", "from localhost ([203.0.113.1]) by app.acme.example"}, "172.17.0.1", doubtPrivate},
		"one organisation":       {[]string{"from out.inbox.example ([192.0.2.9]) by mx.inbox.example with ESMTPS"}, "192.0.2.9", ""},
		"no address noted":       {[]string{"from out.acme.example by mx.inbox.example with ESMTPS", "from app ([203.0.113.1]) by out.acme.example with ESMTPS"}, "invalid IP", doubtUnnamed},
		"no address anywhere":    {[]string{"by a with SMTP", "from b by c"}, "invalid IP", doubtUnnamed},
	} {
		t.Run(name, func(t *testing.T) {
			m := Read([]byte("X: y\r\nReceived: "+strings.Join(test.fields, "\r\nReceived: ")+"\r\n\r\n"), false)
			hop, index, doubt := m.Border()
			if hop.Address.String() != test.want || doubt != test.doubt || index == 0 {
				t.Errorf("%+v at %d, doubt %q, want %s, %q", hop, index, doubt, test.want, test.doubt)
			}
		})
	}
}
