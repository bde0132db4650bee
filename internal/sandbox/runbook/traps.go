package runbook

import "strings"

// Shapes that a sound runbook may have.

// synonyms renames topics to other words for them.
var synonyms = strings.NewReplacer(
	"## Password resets", "## Locked out: the magic link does not come",
	"# Refunds", "# Billing, chargebacks and cancelled memberships",
	"## Invites", "## Onboarding: welcome mail missing",
	"## Failed log-ins", "## Cannot sign in, MFA trouble",
	"# Escalation\n", "# Incidents: who to call\n",
	"money.md#refunds", "money.md#billing-chargebacks-and-cancelled-memberships",
)

// bold makes lines in bold of headings.
func bold(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line && strings.HasPrefix(title, " ") {
			line = "**" + strings.TrimSpace(title) + "**\n"
		}
		out.WriteString(line)
	}
	return strings.NewReplacer("money.md#refunds", "money.md", "escalation.md#who-answers", "escalation.md").Replace(out.String())
}

const table = `# What to do when

| Case | Owner | Contact | Steps | Time | Escalate when |
| --- | --- | --- | --- | --- | --- |
| Password reset does not arrive | Member desk | desk@{domain} | 1. Ask for the address<br>2. Look up bounces<br>3. Let the product send it again | 20 min | two links are lost |
| Refund | Membership office | money@{domain} | 1. Find the invoice<br>2. Check it<br>3. Pay it back | 2 business days | a bank disputes it |
| Invite lost | Member desk | desk@{domain} | 1. Ask the administrator<br>2. Invite again<br>3. Correct the address | 4 h | a whole organisation gets none |
| Failed log-in | Member desk | desk@{domain} | 1. Ask what it says<br>2. Let them wait<br>3. Take the factor off | 30 min | more than three members |

The desk is there on weekdays. What a table cannot say stands in the pages that the
desk has: how to speak to members who are upset, which words to use in letters, how to
tell a member from somebody who claims to be one, and what never to do. Ask for the
number of the membership and the street, and call back the number on file. Nobody at
the desk asks for a password, chooses one, or reads one out. Write every case into the
list of cases with what was asked, what was done and how long it took, so that the
product can learn from it. Once a month the desk and the operator go through the list
together and choose one case that shall not come again.
`

const german = `# Handbuch der Mitgliederbetreuung

Zuletzt geprüft: {date}

Wer am Pult sitzt, folgt diesen Seiten. Niemand ändert etwas in der Datenbank; was die
Seite der Verwaltung nicht kann, wird dort zuerst gebaut. Alle Fälle werden in der Liste
mit Frage, Antwort und Dauer vermerkt, damit das Produkt daraus lernen kann. Einmal im
Monat gehen das Pult und der Betrieb die Liste gemeinsam durch.

## Passwörter zurücksetzen

**Verantwortlich:** Noor Haddad, Pult
**Kontakt:** desk@{domain}
**Dauer:** 20 Minuten

1. Das Mitglied auf der Anmeldeseite um einen neuen Link bitten lassen.
2. Nachsehen, ob Post an die Adresse zurückkam.
3. Die Adresse am Telefon bestätigen und den Link erneut senden lassen.

Eskalieren, wenn zwei Links hintereinander nicht ankommen.

## Erstattungen

**Verantwortlich:** Ines Moreau, Büro
**Kontakt:** money@{domain}
**Dauer:** 2 Werktage

1. Die Rechnung an ihrer Nummer finden.
2. Prüfen, ob schon etwas erstattet wurde.
3. Erstatten und von einer zweiten Person bestätigen lassen.

Eskalieren, wenn eine Bank widerspricht.

## Einladungen

**Verantwortlich:** Noor Haddad, Pult
**Kontakt:** desk@{domain}
**Dauer:** 4 Stunden

1. Die Verwaltung fragen, ob die Einladung offen ist.
2. Abgelaufene erneut senden lassen.
3. Falsche Adressen berichtigen.

Eskalieren, wenn keine Einladung ankommt.

## Anmeldung schlägt fehl

**Verantwortlich:** Noor Haddad, Pult
**Kontakt:** desk@{domain}
**Dauer:** 30 Minuten

1. Fragen, was auf der Seite steht.
2. Bei zu vielen Versuchen eine Viertelstunde warten lassen.
3. Bei verlorenem zweiten Faktor die bekannte Nummer anrufen.

Eskalieren, wenn sich mehr als drei Mitglieder nicht anmelden können.

## Eskalation

**Verantwortlich:** Ada Lindqvist, Betrieb
**Kontakt:** ops@agency.example
**Dauer:** 30 Minuten

| Stufe | Wer | Kontakt |
| --- | --- | --- |
| 1 | Pult | desk@{domain} |
| 2 | Bereitschaft | ops@agency.example |

Nachts und am Wochenende beginnt man mit Stufe 2.

1. Aufschreiben, was zu sehen war.
2. Die nächste Stufe anrufen.
3. Die Mitglieder auf der [Seite zum Stand](https://portal.{domain}/status) unterrichten.
`

const code = `# Notes for those who build it

An invitation is asked for like this, for an address that is nobody's:

` + "```json" + `
{"email": "user@example.com", "note": "TODO: say hello", "phone": "555-0100", "to": "<name>"}
` + "```" + `

The field ` + "`<name>`" + ` is filled in by the product, and ` + "`user@example.com`" + ` bounces. Nobody
runs ` + "`psql`" + ` on the live system.
`

const office = `# Tools of the office

- [Payments](https://portal.{domain}/office/429)
- [Letters](https://portal.{domain}/office/403)
- [Network of members](https://portal.{domain}/office/999)
- [Old wiki](https://portal.{domain}/office/503)
- [Calendar](https://portal.{domain}/office/moved)
- [Rota](https://portal.{domain}/office/elsewhere)
- [Stock](https://portal.{domain}/office/circle)
- [Console](https://portal.{domain}/office/console)
- [Printer](http://10.20.0.7/queue)
- [Shelf](https://shelf.acme.internal/)
`
